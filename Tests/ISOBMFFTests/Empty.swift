// ISOBMFFTests
