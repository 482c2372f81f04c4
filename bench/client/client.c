/*
 * The yardstick: the least a program can do that makes the helper's round
 * trip. It sends the helper's request line for the profile named by its one
 * argument, reads the daemon's one-line answer, and prints it. It checks
 * nothing, which the helper has to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char buf[65536];
	const char *path = getenv("UNDERSTUDY_SOCKET");
	const char *home = getenv("HOME");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t have = 0;

	if (argc != 2 || !path || !home || strlen(path) >= sizeof to.sun_path)
		return 2;
	strcpy(to.sun_path, path);
	int len = snprintf(buf, sizeof buf,
		"{\"v\":1,\"op\":\"credentials\",\"profile\":\"%s\","
		"\"config_file\":\"%s/.aws/config\",\"credentials_file\":\"%s/.aws/credentials\"}\n",
		argv[1], home, home);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		return 5;
	if (write(fd, buf, len) != len)
		return 5;
	do {
		ssize_t n = read(fd, buf + have, sizeof buf - have);
		if (n <= 0)
			return 5;
		have += n;
	} while (buf[have - 1] != '\n');
	return write(STDOUT_FILENO, buf, have) == (ssize_t)have ? 0 : 1;
}
