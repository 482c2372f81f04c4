//go:build linux

#include "textflag.h"

// entry is where the kernel starts the program: argc, argv and the environment
// are on the stack, and no register means anything.
//
// Go code finds its goroutine in a register. A zeroed one does: its stack's limit
// is 0, so that no function asks for more of it.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0
	MOVD	RSP, R19
	MOVD	$·goroutine(SB), g
	SUB	$48, RSP
	MOVD	R19, 32(RSP)
	MOVD	R19, 8(RSP)
	BL	·begin(SB)
	MOVD	32(RSP), R19
	MOVD	R19, RSP
	B	_rt0_arm64_linux(SB)
