// MP4
