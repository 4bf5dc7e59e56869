// MediaCoreTests
