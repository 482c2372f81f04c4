//go:build linux

#include "textflag.h"

// entry is where the kernel starts the program: argc, argv and the environment
// are on the stack, and no register has a meaning.
//
// It looks for UNDERSTUDY_PRELUDE=0 first, without Go code, because Go code needs
// a system call here.
//
// Go code finds its goroutine through the thread's FS register. A zeroed one is
// enough: its stack limit is 0, so no function tries to grow the stack. The runtime
// sets FS again for itself. A libc would not, so a program with cgo must not begin
// here.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0
	MOVQ	SP, BX
	MOVQ	(BX), CX		// argc
	LEAQ	16(BX)(CX*8), SI	// the environment, behind argv and its nil
next:
	MOVQ	(SI), DI
	ADDQ	$8, SI
	TESTQ	DI, DI
	JEQ	on
	MOVQ	·off(SB), DX
same:
	MOVB	(DX), AX
	CMPB	AX, (DI)
	JNE	next
	INCQ	DX
	INCQ	DI
	TESTB	AX, AX
	JNE	same
	JMP	start			// equal up to the final zero
on:
	LEAQ	·goroutine(SB), AX
	LEAQ	·thread(SB), SI
	MOVQ	AX, (SI)
	ADDQ	$8, SI		// the goroutine is at -8(FS)
	MOVQ	$0x1002, DI	// ARCH_SET_FS
	MOVQ	$158, AX	// arch_prctl
	SYSCALL
	TESTQ	AX, AX
	JNE	start
	SUBQ	$32, SP
	ANDQ	$~15, SP
	MOVQ	BX, 16(SP)
	MOVQ	BX, 0(SP)
	CALL	·begin(SB)
	MOVQ	16(SP), BX
start:
	MOVQ	BX, SP
	JMP	_rt0_amd64_linux(SB)
