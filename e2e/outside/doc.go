// Package outside is what can be seen of understudy from outside: how its
// programs end, who listens on its socket, what its status says. The tests of
// e2e and the faults judge by it.
package outside
