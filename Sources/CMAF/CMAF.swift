// CMAF
