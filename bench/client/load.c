/*
 * load SOCKET CLIENTS REQUESTS runs CLIENTS clients at once. Each sends the line on
 * standard input REQUESTS times to the server on SOCKET, each time on a new
 * connection. One of them prints its last answer. It is in C so that little else
 * runs while the server's CPU time is measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char line[65536], answer[65536];
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	ssize_t len = read(STDIN_FILENO, line, sizeof line), have = 0;

	if (argc != 4 || len <= 0 || strlen(argv[1]) >= sizeof to.sun_path)
		return 2;
	strcpy(to.sun_path, argv[1]);
	long others = atol(argv[2]) - 1;
	int first = 1;
	for (long i = 0; i < others && first; i++)
		first = fork() != 0;
	alarm(60);
	for (long left = atol(argv[3]); left > 0; left--) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0 || write(fd, line, len) != len)
			return 5;
		have = 0;
		do {
			ssize_t n = read(fd, answer + have, sizeof answer - have);
			if (n <= 0)
				return 5;
			have += n;
		} while (answer[have - 1] != '\n');
		close(fd);
	}
	for (int status; first && others > 0; others--)
		if (wait(&status) < 0 || status != 0)
			return 5;
	return !first || write(STDOUT_FILENO, answer, have) == have ? 0 : 1;
}
