// Command empty does nothing: what it costs to run, every Go program costs.
package main

func main() {}
