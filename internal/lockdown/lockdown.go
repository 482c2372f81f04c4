// Package lockdown keeps the memory of a process that holds secrets from the
// other programs of its user, as far as the platform can. Applying it is the
// first thing that each of the two binaries does.
package lockdown
