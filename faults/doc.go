// Package faults has only tests. They do to understudy what a bad day does: they
// kill, fill the disk, cut the network, set the clock, lock the keychain, and look
// at what every caller gets meanwhile. Processes, sockets and the keyring are real;
// STS is the sandbox. Linux only.
//
//	make faults                           every row at a bounded size, some minutes
//	make faults FAULTS="-run TestFaults/^29$"   one row
//	go test ./faults -run TestFaults/^29$       the same
//	make faults-full                      every row at full size
//	make faults-soak SOAK=2m              row 42 alone, for this long
//
// TestFaults runs only if -run asks for it, so that go test ./... stays quick. What
// every row has to hold besides its own promise is in footprint_test.go. As root
// everything under test runs as another user, in its own namespaces; without root,
// rows whose fault needs it are skipped, as is whatever else this machine lacks.
package faults
