//go:build linux

#include "textflag.h"

// entry is where the kernel starts the program: argc, argv and the environment
// are on the stack, and no register means anything.
//
// Go code finds its goroutine through the thread's FS register. A zeroed one does:
// its stack's limit is 0, so that no function asks for more of it. The runtime then
// sets FS for itself; a libc would not, so a program with cgo must not begin here.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0
	MOVQ	SP, BX
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
