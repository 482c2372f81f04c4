// Package faults contains only tests. They do to understudy what a bad day does:
// they kill processes, fill the disk, cut the network, set the clock, lock the
// keychain, and check what every caller gets meanwhile. Processes, sockets and the
// keyring are real; STS is the sandbox. Linux only.
//
//	make faults                           every row at a bounded size, some minutes
//	make faults FAULTS="-run TestFaults/^29$"   one row
//	go test ./faults -run TestFaults/^29$       the same
//	make faults-full                      every row at full size
//	make faults-soak SOAK=2m              row 42 alone, for this long
//
// TestFaults runs only if -run asks for it, so that go test ./... stays quick.
// footprint_test.go checks what every row must keep besides its own promise. As
// root, everything under test runs as another user, in its own namespaces. Rows
// that need root, or a program that this machine does not have, are skipped.
package faults
