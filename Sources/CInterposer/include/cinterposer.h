// The interposer offers nothing to other modules of this package: programs meet it through AscendCL.
