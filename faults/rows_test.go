//go:build linux

package faults

import "slices"

// soakRow is the last one.
const soakRow = 42

// rows is the table, in the order in which it is printed.
func rows() []row { return slices.Concat(storageRows(), issuerRows(), daemonRows()) }

// storageRows are of the disk and the keychain.
func storageRows() []row {
	return []row{
		{number: 1, do: crashPoints, waits: 35, fault: "kill -9 at every step of each write of the index, of keychain items and of the list of trusted files",
			expect: "old or new, never a mix; temporary files are swept"},
		{number: 2, do: damaged, waits: 6, fault: "the index or a keychain item is cut, has a bit flipped, is of another version, or is another's",
			expect: "a miss and one line of log; no panic"},
		{number: 3, do: sickDisk, waits: 35, fault: "the disk is full, fsync says EIO, a rename says EROFS",
			expect: "no answer is missing; written within 30 s of the mend"},
		{number: 4, do: homes, fault: "HOME is read-only, unset, empty, relative, missing, another's, or /",
			expect: "the right place or a clear refusal; nothing is written into / or the working folder"},
		{number: 5, do: noLocks, waits: 3, fault: "locks are not supported; `/run/user/UID` is removed, unmounted or renamed under the daemon",
			expect: "one winner; it leaves within 60 s, the next helper starts one elsewhere or says why"},
		{number: 6, do: noKeychain, fault: "no bus, no Secret Service",
			expect: "no `dbus-launch`; in memory, and status says so; an answer within 3 s"},
		{number: 7, do: unanswered, waits: 70, fault: "the keychain is locked and nobody answers its prompt; the service hangs",
			expect: "the worker is ended at its deadline; 1 prompt for 1,000 helpers; cached answers p99 under 20 ms"},
		{number: 8, do: lostBus, fault: "D-Bus dies with a prompt open",
			expect: "the daemon never exits"},
		{number: 9, do: restartedBus, fault: "the bus or the keyring restarts",
			expect: "the next call works"},
		{number: 10, do: burst, fault: "1,000 helpers at once, for a session that is not there yet",
			expect: "2 keychain calls, one at a time"},
		{number: 11, do: lies, waits: 3, fault: "another value comes back, a write is lost, a dismissed prompt says it was answered",
			expect: "found by reading back; not stored, and never served later"},
	}
}

// issuerRows are of STS, the network, the user and the clock.
func issuerRows() []row {
	return []row{
		{number: 12, do: outage, waits: 65, fault: "STS refuses connections, is unreachable, its name is not answered or answered with another's address",
			expect: "the last good session is served; at most 12 calls in 5 min, whatever the number of helpers"},
		{number: 13, do: slow, waits: 47, fault: "STS takes 30 s, drips its answer, sends 100 MB",
			expect: "5 s a try; a body is read to 64 KiB"},
		{number: 14, do: throttled, fault: "STS throttles, answers 429 or 503 with Retry-After, 500 to 504",
			expect: "one caller for all, who waits as told"},
		{number: 15, do: senseless, fault: "STS answers HTML, nothing, cut XML, without a field, with an Expiration in the past, in 2099 or malformed",
			expect: "refused whole; the last good session is kept"},
		{number: 16, do: imposter, fault: "STS's certificate has expired, is for another name, of an unknown CA; a captive portal answers",
			expect: "fails closed, the cause named, no storm"},
		{number: 17, do: networkBack, waits: 48, fault: "the network is back",
			expect: "the next request renews at once"},
		{number: 18, do: rotated, fault: "the base key is rotated in the file; it is revoked; one role is denied",
			expect: "picked up at the next renewal; dropped within 1 s, the other roles go on"},
		{number: 19, do: chain, fault: "the base session of a chain ends first",
			expect: "told early; nothing is served past its own end"},
		{number: 22, do: skewed, fault: "STS's clock is 10 min off",
			expect: "works within 2 calls; the skew is reported"},
		{number: 20, do: unheeded, fault: "an MFA code is wanted: a dialog that nobody answers; neither a display nor a terminal",
			expect: "1 question for 1,000 helpers; none is stuck past its deadline; the answer counts for the retry"},
		{number: 21, do: clock, waits: 83, fault: "the wall clock is set by +8 h, -8 h, -1 year, to 1970, and 1,000 times by up to 300 s; the machine sleeps",
			expect: "no answer has expired; at most twice the calls to STS of a steady clock"},
	}
}

// daemonRows are of the daemon, its socket, its clients and its files.
func daemonRows() []row {
	return []row{
		{number: 24, do: frozen, waits: 20, fault: "the daemon is frozen (SIGSTOP)",
			expect: "helpers give up in 5 s with a reason; well within 1 s after"},
		{number: 25, do: misplaced, fault: "the socket is deleted, or a file, a folder, a link or another's listener stands in its place; its folder is 0777, another's, a link or gone",
			expect: "nothing is accepted from another user; helpers work again within 1 s or are told the mend"},
		{number: 26, do: strangers, fault: "another user connects, under every mode of the socket",
			expect: "0 answers"},
		{number: 27, do: lookedInto, fault: "another program of the user tries mem, maps, environ, fd, exe, ptrace, process_vm_readv and pidfd_getfd on the daemon",
			expect: "8 of 8 refused"},
		{number: 28, do: takeover, fault: "a socket and a lock left by kill -9; the lock's file deleted under its holder; 50 daemons start at once",
			expect: "taken over within 50 ms; 1 winner each time"},
		{number: 23, do: sleeper, fault: "100 roles are due when the machine wakes",
			expect: "only those in use are renewed, at most 4 at one time"},
		{number: 29, do: herd, fault: "1,000 helpers at once: cold, warm, with `somaxconn` 16; and a listener that never accepts",
			expect: "1 call to STS, 0 failures; a clear error within 5 s from the last"},
		{number: 30, do: fewFiles, fault: "32 file descriptors (`prlimit`) and 200 connections; EMFILE, ENFILE, ENOMEM in accept",
			expect: "never exits; recovers within 1 s"},
		{number: 31, do: badManners, fault: "500 half-open, silent, dripping clients",
			expect: "a good helper's answer p99 under 20 ms"},
		{number: 32, do: abandoned, fault: "helpers are killed while they wait or are answered",
			expect: "no leak; the fetch goes on for the others"},
		{number: 33, do: malformed, fault: "malformed frames, a line of 1 GiB, a million fields, deep nesting",
			expect: "closed; memory grows by less than 1 MiB"},
		{number: 34, do: versions, fault: "an old helper with a new daemon, and the reverse",
			expect: "a clear answer, never less checking"},
		{number: 35, do: stops, fault: "SIGTERM under load; SIGHUP; SIGUSR1 (drop all secrets)",
			expect: "no answer is cut, ends within 2 s; settings are read again; dropped within 100 ms"},
		{number: 36, do: killedElsewise, fault: "the OOM killer, SIGSEGV, SIGABRT, SIGBUS; a fork is refused; a state that crashes the start",
			expect: "back within 1 s; after three crashes in a minute it starts without state"},
		{number: 37, do: edits, waits: 3, fault: "the configuration is rewritten under load: half written, broken, 10 MB, a symlink loop, a fifo, unreadable, a folder, gone",
			expect: "no answer is missing for a profile that nobody touched; a fifo does not block"},
		{number: 38, do: changed, fault: "a profile is removed, its role changed",
			expect: "the old role is never served again"},
		{number: 39, do: replaced, waits: 4, fault: "the binaries are replaced under load, with and without a restart; a downgrade",
			expect: "no request is lost; a newer state file is left alone"},
		{number: 40, do: outputs, waits: 21, fault: "standard output is closed, a full pipe, /dev/full; an environment of 100 KiB; a profile that names itself",
			expect: "a status and no hang; no recursion"},
		{number: 41, do: unwritten, fault: "the access log cannot be written",
			expect: "serving goes on; it is said once"},
		{number: soakRow, do: soak, waits: 105, fault: "a soak: 10 roles, a request a second, a random fault of the above every 30 s",
			expect: "no bad answer; memory drifts by less than 5 MB"},
	}
}
