// OriginTests
