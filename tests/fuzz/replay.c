/* Feeds a fuzz target the files of folders, without libFuzzer: replay_ENTRY FOLDER|FILE...
 * Says at its end how many they were. */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

static uint32_t fed;

static void feed_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *p;
	size_t n;

	if (!f || fstat(fileno(f), &st) != 0) {
		perror(path);
		exit(2);
	}
	p = xmalloc((size_t)st.st_size);
	n = fread(p, 1, (size_t)st.st_size, f);
	fclose(f);
	/* Said first: of an input that ends the program this is all that is seen. */
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(p, n);
	free(p);
	fed++;
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void feed_folder(const char *path)
{
	struct dirent **found;
	int n = scandir(path, &found, visible, alphasort);
	char file[4096];

	if (n < 0) {
		perror(path);
		exit(2);
	}
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, found[i]->d_name);
		feed_file(file);
		free(found[i]);
	}
	free(found);
}

int main(int argc, char **argv)
{
	struct stat st;

	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			feed_folder(argv[i]);
		else
			feed_file(argv[i]);
	}
	printf("replayed %u\n", fed);
	return fed ? 0 : 2;
}
