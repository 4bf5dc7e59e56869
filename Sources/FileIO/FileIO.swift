// FileIO
