package main

// Run is the program for the tests outside of this package.
var Run = run
