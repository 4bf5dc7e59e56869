"""How figures rise, and how they are drawn."""


def rise(samples, column):
    """By how much a figure rose over the samples: Theil and Sen's slope of medians of twenty parts."""
    size = max(1, len(samples) // 20)
    parts = [sorted(samples[at:at + size], key=lambda sample: sample[column])[size // 2]
             for at in range(0, len(samples) - size + 1, size)]
    slopes = sorted((b[column] - a[column]) / (b[0] - a[0]) for i, a in enumerate(parts) for b in parts[i + 1:] if b[0] > a[0])
    return slopes[len(slopes) // 2] * (samples[-1][0] - samples[0][0]) if slopes else 0.0


def plot(path, samples, kills_from, kill_seconds, title):
    width, height, left, top, gap = 720, 150, 60, 30, 40
    end = samples[-1][0]
    # The worst of each two pixels: what rises is seen, and the picture stays small.
    worst = {}
    for at, *values in samples:
        column = int(at / end * width / 2)
        worst[column] = [max(pair) for pair in zip(worst.get(column, values), values)]
    made = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + left + 20} {2 * (height + gap) + top + 10}" '
            'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="#fff"/>',
            f'<text x="{left}" y="18" font-weight="bold">{title}</text>']
    for panel, (name, column, unit) in enumerate([("Memory, MiB", 1, 1 << 20), ("Descriptors", 2, 1)]):
        base = top + panel * (height + gap) + height
        most = max(sample[column] for sample in samples) / unit * 1.1
        shade = left + kills_from / end * width
        made.append(f'<rect x="{shade:.1f}" y="{base - height}" width="{left + width - shade:.1f}" height="{height}" fill="#f3ece0"/>')
        made.append(f'<path d="M{left} {base - height}V{base}H{left + width}" fill="none" stroke="#555"/>')
        points = " ".join(f"{left + 2 * at},{base - values[column - 1] / unit / most * height:.1f}"
                          for at, values in sorted(worst.items()))
        made.append(f'<polyline points="{points}" fill="none" stroke="#a3301f" stroke-width="1.2"/>')
        made.append(f'<text x="{left + 4}" y="{base - height + 14}">{name}</text>')
        for part in (0, 0.5, 1):
            made.append(f'<text x="{left - 6}" y="{base - part * height + 4:.0f}" text-anchor="end">{most * part:.0f}</text>')
            made.append(f'<text x="{left + part * width:.0f}" y="{base + 16}" text-anchor="middle">{end * part / 60:.1f} min</text>')
    made.append(f'<text x="{left + kills_from / end * width + 4:.0f}" y="{top + height - 6}">killed every {kill_seconds} s</text></svg>')
    with open(path, "w") as file:
        file.write("\n".join(made) + "\n")
