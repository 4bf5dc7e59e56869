// MP4Tests
