"""What is heard: plucked strings, places, and the narration."""

import importlib.machinery
import importlib.util
import math
import os
import subprocess
import sys
import wave

import numpy as np

from .story import SAMPLE_RATE, seconds


def load_sample():
    """The tools of the linear sample: its strings, bells and brackets."""
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "make-sample")
    loader = importlib.machinery.SourceFileLoader("make_sample", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_sample", loader))
    loader.exec_module(module)
    return module


sys.dont_write_bytecode = True
sample = load_sample()
note, pluck, bell, knock = sample.note, sample.pluck, sample.bell, sample.knock

VOICES = {"eng": ("en-gb", 150), "zho": ("cmn-latn-pinyin", 176)}


class Track:
    """A stereo track of one scene."""

    def __init__(self, length, seed):
        self.length = length
        self.noise = np.random.Generator(np.random.PCG64(seed))
        self.data = np.zeros((2, length))

    def add(self, at, sound, gain, pan=0.0):
        start = int(at * SAMPLE_RATE)
        sound = sound[:max(0, self.length - start)]
        angle = (pan + 1) * math.pi / 4
        self.data[0, start:start + len(sound)] += gain * math.cos(angle) * sound
        self.data[1, start:start + len(sound)] += gain * math.sin(angle) * sound

    def band(self, low, high, curve=None):
        """Noise between two frequencies, of mean loudness 1, left and right apart."""
        out = []
        for _ in range(2):
            f = np.fft.rfftfreq(self.length, 1 / SAMPLE_RATE)
            spectrum = np.fft.rfft(self.noise.standard_normal(self.length))
            spectrum *= 1 / (1 + (f / high) ** 4) * (f / low) ** 2 / (1 + (f / low) ** 2)
            sound = np.fft.irfft(spectrum, self.length)
            out.append(sound / np.sqrt((sound ** 2).mean()))
        out = np.stack(out)
        return out if curve is None else out * curve

    def reverb(self, length=2.2, wet=0.28):
        x = np.arange(int(length * SAMPLE_RATE)) / SAMPLE_RATE
        size = 1 << (self.length + len(x)).bit_length()
        for channel in range(2):
            tail = self.noise.standard_normal(len(x)) * np.exp(-x * 6.9 / length)
            tail = np.convolve(tail * np.minimum(1, x / 0.02), np.ones(9) / 9, "same")
            tail /= np.sqrt((tail ** 2).sum())
            echo = np.fft.irfft(
                np.fft.rfft(self.data[channel], size) * np.fft.rfft(tail, size), size)
            self.data[channel] = (1 - wet) * self.data[channel] + wet * 1.5 * echo[:self.length]


# Each scene's phrase: the tone it rests on and steps of the pentatonic scale, at so many beats a second.
SCALE = (0, 2, 4, 7, 9)
PHRASES = {
    "river": ("D3", 1.5, "0.2.4.5.4.2.3...2.0.2.4.7.5.4..."),
    "yard": ("B2", 1.2, "0...3.2.0...5.4.3...2.0."),
    "kiln": ("E3", 1.5, "0.3.5.3.7.5.3...2.3.5.8.7.5."),
    "bench": ("A2", 1.8, "5..7..9.7..5..4..2..5...0..2..4."),
    "cricket": ("D3", 2.0, "7.5.7.9...7.5.4...5.7.9.10...9.7."),
    "court": ("G2", 1.0, "0...4...3...0...5...4...2...0..."),
    "sill": ("B2", 0.9, "0..1.0..3..2.0.."),
    "vajra": ("D3", 2.0, "0.2.4.5.7.5.7.9.10.9.7.9.10...12..."),
    "hall": ("D3", 2.0, "0.4.5.7.9.10.12...9.10.12.14..."),
    "storm": ("C3", 0.8, "0...1...0...-1..."),
    "rebuild": ("D3", 1.8, "0.2.4.7.5.4.2.4.7.9.10.9.7.9.12..."),
    "home": ("G3", 1.3, "4.2.0...2.4.5.4.2...0.-1.0..."),
    "tower": ("A2", 1.4, "5.7.9...10.9.7...5.7.9.12...10.9."),
    "court-gate": ("D3", 1.0, "0...4...5...2..."),
    "roof": ("A2", 1.2, "5...7.9...7...5.4..."),
}


def step(root, k):
    return note(root) * 2 ** ((SCALE[k % 5] + 12 * (k // 5)) / 12)


def play_phrase(track, name, length):
    root, pace, phrase = PHRASES[name]
    track.add(0.0, bell(note(root) / 2, length, ((1, 1, 0.3), (1.5, 0.3, 0.5), (2, 0.25, 0.6))), 0.05)
    tokens, number = [], ""
    for ch in phrase + ".":
        if ch == ".":
            tokens.append(int(number) if number else None)
            number = ""
        else:
            number += ch
    at, k = 0.15, 0
    while at < length - 1.2:
        value = tokens[k % len(tokens)]
        if value is not None:
            track.add(at, pluck(step(root, value), 2.6, track.noise), 0.26, 0.4 * math.sin(k * 1.7))
            if value >= 7:
                track.add(at, bell(step(root, value) * 2, 2.0), 0.03, -0.4)
        at += 1 / pace / (1 if value is None else 1)
        k += 1


def chirps(track, length, gain, every=1.9, start=0.4):
    x = np.arange(int(0.05 * SAMPLE_RATE)) / SAMPLE_RATE
    chirp = np.sin(2 * np.pi * 4300 * x) * np.sin(np.pi * x / 0.05) ** 2
    at, k = start, 0
    while at < length - 0.5:
        for j in range(3 + k % 2):
            track.add(at + 0.075 * j, chirp, gain, 0.6 * math.sin(k))
        at += every * (1 + 0.25 * math.sin(3.1 * k))
        k += 1


def place_sounds(track, name, length):
    """The place itself: water, fire, rain, wood."""
    x = np.arange(track.length) / SAMPLE_RATE
    swell = 1 + 0.4 * np.sin(2 * np.pi * x / 3.1)
    data = track.data
    if name in ("river", "home", "tower"):
        data += 0.012 * track.band(300, 1800, swell)
    if name in ("yard", "rebuild"):
        data += 0.006 * track.band(200, 900, swell)
        for k, at in enumerate(np.arange(0.9, length - 0.6, 1.35)):
            track.add(at, knock((310, 420, 250)[k % 3], track.noise), 0.10, (-0.6, 0.5, 0.1)[k % 3])
    if name in ("kiln", "storm", "sill"):
        loud = {"kiln": 0.016, "storm": 0.03, "sill": 0.003}[name]
        data += loud * track.band(60, 500, swell)
        for at in np.sort(track.noise.uniform(0, length, int(9 * length))):
            track.add(at, knock(900 + 700 * track.noise.random(), track.noise),
                      loud * 1.6 * track.noise.random(), track.noise.uniform(-0.8, 0.8))
    if name == "kiln":
        for at in (7.9, 9.2):
            track.add(at, bell(1320, 2.6, ((1, 1, 1.2), (2.76, 0.6, 2), (5.4, 0.25, 4))), 0.16, 0.2)
    if name in ("bench", "cricket", "tower", "sill", "roof"):
        chirps(track, length, {"bench": 0.02, "sill": 0.008, "roof": 0.012}.get(name, 0.04))
    if name == "bench":
        for k, at in enumerate((3.9, 4.7, 5.5, 6.4)):
            track.add(at, knock((520, 380, 520, 290)[k], track.noise), 0.16, 0.2)
    if name == "sill":
        track.add(0.05, np.repeat(track.noise.standard_normal(4000), 4) * np.hanning(16000), 0.02, -0.5)
    if name in ("court", "hall", "vajra", "rebuild"):
        track.add({"court": 0.05, "hall": 1.6, "vajra": 6.2, "rebuild": 6.0}[name],
                  sample.gong(5.5), 0.22)
    if name in ("hall", "court-gate"):
        data += 0.005 * track.band(400, 1500, swell)
    if name == "vajra":
        for k, at in enumerate(np.arange(5.6, 9.6, 0.42)):
            track.add(at, knock(140 + 20 * (k % 3), track.noise), 0.14, -0.8 + 0.18 * k)
    if name == "storm":
        data += 0.02 * track.band(1500, 7000, np.clip((x - 6.0) / 3.5, 0, 1))
        for at in (0.55, 2.4):
            thunder = np.cumsum(track.noise.standard_normal(3 * SAMPLE_RATE))
            thunder -= average(thunder, 2400)
            decay = np.exp(-np.arange(len(thunder)) / SAMPLE_RATE * 1.8)
            thunder = thunder * decay / np.abs(thunder).max()
            track.add(at, thunder, 0.55, 0.1)


def bed(scene, seed):
    length = seconds(scene)
    track = Track(int(length * SAMPLE_RATE + 0.5), seed)
    phrase = scene.name if scene.name in PHRASES else "river"
    play_phrase(track, phrase, length)
    place_sounds(track, scene.name, length)
    track.reverb()
    return track


def average(values, count):
    """Each value with its neighbours, `count` in all."""
    sums = np.cumsum(np.pad(values, (count // 2 + 1, count - count // 2 - 1), "edge"))
    return (sums[count:] - sums[:-count]) / count


def speak(voice, pace, words, directory):
    """One sentence, at 48 kHz."""
    path = os.path.join(directory, "sentence.wav")
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(pace), "-p", "38", "-w", path, words],
                   check=True)
    with wave.open(path) as w:
        rate, raw = w.getframerate(), np.frombuffer(w.readframes(w.getnframes()), "<i2") / 32768
    count = len(raw) * SAMPLE_RATE // rate
    spectrum = np.zeros(count // 2 + 1, complex)
    low = np.fft.rfft(raw)[:len(spectrum)]
    spectrum[:len(low)] = low
    said = np.fft.irfft(spectrum, count) * count / len(raw)
    return said / np.sqrt((said ** 2).mean()) / 9


def narrate(scene, language, directory):
    """The narration, the loudness it asks of the bed, and when each sentence ends."""
    length = int(seconds(scene) * SAMPLE_RATE + 0.5)
    voice, pace = VOICES.get(language, ("", 0))
    track, ducked, ends = np.zeros(length), np.zeros(length), []
    for k, line in enumerate(scene.lines):
        words = line.pinyin if language == "zho" else (line.spoken or line.en)
        said = speak(voice, pace, words, directory)
        start = int(line.at * SAMPLE_RATE)
        end = line.at + len(said) / SAMPLE_RATE
        limit = scene.lines[k + 1].at if k + 1 < len(scene.lines) else seconds(scene)
        if end > limit + 0.05:
            print(f"{scene.name} {language} {k}: {end - limit:.2f} s too long", file=sys.stderr)
        said = said[:length - start]
        track[start:start + len(said)] += said
        ducked[max(0, start - 4800):start + len(said) + 9600] = 1
        ends.append(min(end, limit - 0.05))
    return track, average(average(ducked, 4800), 4800), ends


def mix(track, voice, ducked, path):
    """Writes the mix as a WAV file. Starts and ends softly: scenes are joined in any order."""
    room = Track(track.length, 96)
    room.data = np.stack([voice, voice])
    room.reverb(1.1, 0.10)
    mixed = track.data * (1 - 0.4 * ducked) * 0.8 + room.data * 0.85
    fade = np.ones(track.length)
    edge = SAMPLE_RATE // 10
    fade[:edge], fade[-edge:] = np.linspace(0, 1, edge), np.linspace(1, 0, edge)
    mixed = np.tanh(mixed * fade * 1.9) * 0.8
    write_wave(mixed, path)


def ask(prompt, language, path):
    """Writes a spoken prompt as a WAV file, one channel."""
    voice, pace = VOICES[language]
    said = speak(voice, pace, prompt.pinyin if language == "zho" else prompt.en, os.path.dirname(path))
    write_wave(np.tanh(said[None] * 1.9) * 0.8, path)


def write_wave(channels, path):
    with wave.open(path, "wb") as w:
        w.setnchannels(len(channels))
        w.setsampwidth(2)
        w.setframerate(SAMPLE_RATE)
        w.writeframes((channels.T * 32767).round().astype("<i2").tobytes())
