/*
 * The least that a program can do to make the helper's round trip: it sends the
 * helper's request for the profile named by its one argument, reads the daemon's
 * answer of one line, prints it and exits. It makes six system calls, checks
 * nothing, and has no C library:
 *
 *	cc -O2 -static -nostdlib -ffreestanding -fno-stack-protector floor.c
 */
#include <asm/unistd.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");

static long call(long n, long a, long b, long c)
{
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x0, sp\n\tbl begin\n");

static long call(long n, long a, long b, long c)
{
	register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}
#else
#error "no system calls of this processor"
#endif

static char buf[65536];
static size_t have;

static void put(const char *s)
{
	while (*s && have < sizeof buf)
		buf[have++] = *s++;
}

static const char *variable(char **env, const char *name)
{
	for (; *env; env++) {
		size_t i = 0;
		while (name[i] && (*env)[i] == name[i])
			i++;
		if (!name[i] && (*env)[i] == '=')
			return *env + i + 1;
	}
	return NULL;
}

/* run returns the exit status. args is the stack as the kernel makes it: the
 * number of arguments, the arguments, NULL, the environment, NULL. */
static int run(long *args)
{
	char **argv = (char **)(args + 1), **env = argv + args[0] + 1;
	const char *path = variable(env, "UNDERSTUDY_SOCKET"), *home = variable(env, "HOME");
	static struct sockaddr_un to = {.sun_family = AF_UNIX};

	if (args[0] != 2 || !path || !home)
		return 2;
	for (size_t i = 0; path[i]; i++) {
		if (i == sizeof to.sun_path - 1)
			return 2;
		to.sun_path[i] = path[i];
	}
	put("{\"v\":1,\"op\":\"credentials\",\"profile\":\"");
	put(argv[1]);
	put("\",\"config_file\":\"");
	put(home);
	put("/.aws/config\",\"credentials_file\":\"");
	put(home);
	put("/.aws/credentials\"}\n");
	long fd = call(__NR_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || call(__NR_connect, fd, (long)&to, sizeof to) < 0)
		return 5;
	if (call(__NR_write, fd, (long)buf, have) != (long)have)
		return 5;
	have = 0;
	do {
		long n = call(__NR_read, fd, (long)(buf + have), sizeof buf - have);
		if (n <= 0)
			return 5;
		have += n;
	} while (buf[have - 1] != '\n');
	return call(__NR_write, 1, (long)buf, have) == (long)have ? 0 : 1;
}

__attribute__((used)) void begin(long *args)
{
	int status = run(args);

	for (;;)
		call(__NR_exit_group, status, 0, 0);
}
