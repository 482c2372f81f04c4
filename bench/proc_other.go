//go:build !linux

package main

import "time"

func resident(int) (int64, error) { return 0, &absence{why: "read from /proc, which only Linux has"} }

func switches(int) (int64, error) { return 0, &absence{why: "read from /proc, which only Linux has"} }

func cpuTime(int) (time.Duration, error) {
	return 0, &absence{why: "read from /proc, which only Linux has"}
}

func kernelVersion() string { return "" }

func loadAverage() string { return "" }

func cpuModel() string { return "" }
