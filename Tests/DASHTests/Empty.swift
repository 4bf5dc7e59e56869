// DASHTests
