// CMAFTests
