/* A bare libpcap loop over a file: what reading it costs at least.  Touches the first byte of each packet. */
#include <inttypes.h>
#include <stdio.h>

#include <pcap.h>

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	pcap_t *p = argc == 2 ? pcap_open_offline(argv[1], why) : NULL;
	struct pcap_pkthdr *h;
	const unsigned char *data;
	uint64_t packets = 0, bytes = 0, sum = 0;

	if (!p) {
		fprintf(stderr, "usage: %s CAPTURE\n%s\n", argv[0], why);
		return 2;
	}
	while (pcap_next_ex(p, &h, &data) == 1) {
		packets++;
		bytes += h->caplen;
		sum += h->caplen ? data[0] : 0;
	}
	pcap_close(p);
	printf("%" PRIu64 " packets, %" PRIu64 " bytes, sum %" PRIu64 "\n", packets, bytes, sum);
	return 0;
}
