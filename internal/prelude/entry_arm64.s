//go:build linux

#include "textflag.h"

// entry is where the kernel starts the program: argc, argv and the environment
// are on the stack, and no register has a meaning.
//
// It looks for UNDERSTUDY_PRELUDE=0 first, as on amd64.
//
// Go code finds its goroutine in a register. A zeroed one is enough: its stack
// limit is 0, so no function tries to grow the stack.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0
	MOVD	RSP, R19
	MOVD	(R19), R0		// argc
	ADD	$16, R19, R1
	ADD	R0<<3, R1, R1		// the environment, behind argv and its nil
next:
	MOVD.P	8(R1), R2
	CBZ	R2, on
	MOVD	·off(SB), R3
same:
	MOVBU.P	1(R2), R4
	MOVBU.P	1(R3), R5
	CMPW	R4, R5
	BNE	next
	CBNZ	R4, same
	B	start			// equal up to the final zero
on:
	MOVD	$·goroutine(SB), g
	SUB	$48, RSP
	MOVD	R19, 32(RSP)
	MOVD	R19, 8(RSP)
	BL	·begin(SB)
	MOVD	32(RSP), R19
start:
	MOVD	R19, RSP
	B	_rt0_arm64_linux(SB)
