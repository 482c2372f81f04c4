package main

import (
	"context"
	"os"
)

const megabyte = 1e6

// sizeRow is the binaries as built.
func sizeRow(_ context.Context, w *world) ([]figure, error) {
	helper, err := os.Stat(w.helper)
	if err != nil {
		return nil, err
	}
	main, err := os.Stat(w.bed.Path("understudy"))
	if err != nil {
		return nil, err
	}
	size := float64(helper.Size()) / megabyte
	return []figure{
		{Title: "size of understudy-credentials", Value: size, Unit: "MB", Goals: []goal{{Got: size, Most: 3}}},
		{Title: "size of understudy", Value: float64(main.Size()) / megabyte, Unit: "MB"},
	}, nil
}
