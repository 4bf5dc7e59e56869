// What the viewer saw at each join, from the pictures that were shown.

const settling = 150;  // milliseconds in which a picture from before a jump may still be shown

/// One entry for each join: `{ from, to, at, before, after, stall }`, times of the timeline in
/// seconds; `stall`: milliseconds that the picture after it came late.
export class Joins {
  constructor(video, stitcher) {
    this.list = [];
    this.stalls = [];  // `{ at, milliseconds, buffered }`: where playback stood still though it should not
    this.jumpedAt = 0;
    this.shown = 0;   // pictures since the last jump
    let last = null;
    const shown = (now, { mediaTime, expectedDisplayTime, presentedFrames }) => {
      const index = stitcher.indexAt(mediaTime + .005), placement = stitcher.timeline[index];
      if (last && placement && placement !== last.placement && index > 0 && stitcher.timeline[index - 1] === last.placement && this.jumpedAt < last.now - settling) {
        const late = (expectedDisplayTime - last.expectedDisplayTime) - 1000 * (mediaTime - last.mediaTime) / video.playbackRate;
        this.list.push({ from: last.placement.key, to: placement.key, at: placement.start, before: last.mediaTime, after: mediaTime,
          stall: Math.max(0, Math.round(late)), paused: this.paused, between: presentedFrames - last.presentedFrames - 1 });
      }
      this.paused = false;
      this.shown++;
      last = { now, placement, mediaTime, expectedDisplayTime, presentedFrames };
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback?.(shown);
    video.addEventListener('seeking', () => { this.jumpedAt = performance.now(); this.shown = 0 });
    video.addEventListener('pause', () => { this.paused = true });
    let still = null;
    video.addEventListener('waiting', () => {
      if (video.currentTime === 0 || video.seeking || video.ended || video.paused || stitcher.isOver || this.shown <= 5) return;
      still ??= { at: video.currentTime, since: performance.now(), buffered: stitcher.bufferAhead };
    });
    const goesOn = (isStall) => {
      if (still && isStall) this.stalls.push({ at: still.at, milliseconds: Math.round(performance.now() - still.since), buffered: still.buffered });
      still = null;
    };
    video.addEventListener('playing', () => goesOn(true));
    for (const event of ['seeking', 'pause', 'ended']) video.addEventListener(event, () => goesOn(false));
  }
}
