/* FSCTL buffers.  MS-FSCC 2.3, MS-SMB2 2.2.31 and 2.2.32, MS-SQOS 2.2.2. */
#include "fscc.h"

/* MS-SMB2 2.2.31.1, SRV_COPYCHUNK_COPY */
static void copychunk_in(struct dx *d, struct smb_msg *m)
{
	uint64_t total = 0;
	uint32_t n;
	struct span key = d_bytes(d, cchunk_key, 24);

	n = (uint32_t)d_get(d, cchunk_count);
	d_bytes(d, smb2_reserved, 4);
	while (d_each(d, &n)) {
		d_push(d, cchunk);
		d_get(d, cchunk_source);
		d_get(d, cchunk_target);
		total += d_get(d, cchunk_length);
		d_bytes(d, smb2_reserved, 4);
		d_pop(d);
	}
	if (m->response)
		return;
	m->u.copy.key = key;
	m->u.copy.length = total;
}

/* MS-SMB2 2.2.32.1, SRV_COPYCHUNK_RESPONSE */
static void copychunk_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, cchunk_chunks);
	d_get(d, cchunk_bytes);
	d_get(d, cchunk_total);
}

/* MS-SMB2 2.2.32.3, SRV_REQUEST_RESUME_KEY */
static void resume_key_out(struct dx *d, struct smb_msg *m)
{
	m->u.copy.key = d_bytes(d, cchunk_key, 24);
	d_bytes(d, cchunk_context_len, 4);
	d_tail(d, cchunk_context);
}

/* What goes through the pipe is as good as a WRITE and a READ. */
static void pipe_data(struct dx *d, struct smb_msg *m)
{
	m->u.rw.length = d_rest(d);
	m->u.rw.payload = d_payload(d, pipe_data, d_rest(d));
}

/* MS-FSCC 2.3.49 */
static void pipe_wait_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len;

	d_get(d, pipe_wait_timeout);
	len = (uint32_t)d_get(d, pipe_wait_length);
	d_get(d, pipe_wait_specified);
	d_bytes(d, smb2_filler, 1);
	d_bytes(d, pipe_wait_name, len);
}

/* MS-SMB2 2.2.31.4 */
static void validate_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n;

	d_get(d, smb2_capabilities);
	d_bytes(d, smb2_client_guid, 16);
	d_get(d, smb2_sec_mode);
	d_bytes(d, smb2_filler, 1);
	n = (uint32_t)d_get(d, smb2_dialect_count);
	while (d_each(d, &n))
		d_get(d, smb2_dialect);
}

/* MS-SMB2 2.2.32.6 */
static void validate_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb2_capabilities);
	d_bytes(d, smb2_server_guid, 16);
	d_get(d, smb2_sec_mode);
	d_bytes(d, smb2_filler, 1);
	d_get(d, smb2_dialect);
}

/* SOCKADDR_STORAGE, MS-SMB2 2.2.32.5.1: 128 bytes, of which the family says how many mean something. */
static void sockaddr(struct dx *d)
{
	unsigned family = (unsigned)d_get(d, sockaddr_family);

	if (family == 2) {
		d_get(d, sockaddr_port);
		d_get(d, sockaddr_ipv4);
	} else if (family == 23) {
		d_get(d, sockaddr_port);
		d_get(d, sockaddr_flow);
		d_bytes(d, sockaddr_ipv6, 16);
		d_get(d, sockaddr_scope);
	}
	d_tail(d, smb2_filler);
}

/* MS-SMB2 2.2.32.5 */
static void interfaces_out(struct dx *d, struct smb_msg *m UNUSED)
{
	struct dx e, address;

	while (d_next(d, interface_entry, interface_next, &e)) {
		d_get(&e, interface_index);
		d_get(&e, interface_caps);
		d_get(&e, interface_rss_queues);
		d_get(&e, interface_speed);
		if (d_part(&e, min_u32(128, d_rest(&e)), &address))
			sockaddr(&address);
		d_tail(&e, padding);
	}
}

/* MS-SMB2 2.2.32.2: names "@GMT-...", each with a NUL, one more at the end */
static void snapshots_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, snapshot_total);
	d_get(d, snapshot_returned);
	d_get(d, snapshot_size);
	while (d_rest(d) > 2 && d_peek(d, U16) && d_more(d))
		d_string(d, snapshot_name);
	d_tail(d, smb2_filler);
}

/* MS-SMB2 2.2.31.3 */
static void resiliency_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, resiliency_timeout);
	d_get(d, resiliency_reserved);
}

/* FILE_OBJECTID_BUFFER, MS-FSCC 2.1.3 */
static void objectid(struct dx *d, struct smb_msg *m UNUSED)
{
	d_push(d, objectid_buffer);
	d_bytes(d, object_id, 16);
	d_bytes(d, birth_volume_id, 16);
	d_bytes(d, birth_object_id, 16);
	d_bytes(d, domain_id, 16);
	d_pop(d);
}

/* MS-FSCC 2.3.18, 2.3.67 */
static void compression(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fsctl_compression);
}

/* MS-FSCC 2.3.20, 2.3.73: what is set has no sizes */
static void integrity(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, integrity_algorithm);
	d_get(d, integrity_reserved);
	d_get(d, integrity_flags);
	if (d_rest(d) >= 8) {
		d_get(d, integrity_chunk);
		d_get(d, integrity_cluster);
	}
}

/* MS-FSCC 2.3.5, 2.3.28, 2.3.81 */
static void reparse(struct dx *d, struct smb_msg *m UNUSED)
{
	fscc_reparse(d);
}

/* MS-FSCC 2.3.83: no buffer at all means TRUE */
static void sparse_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, set_sparse);
}

/* MS-FSCC 2.3.85 */
static void zero_data_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, range_offset);
	d_get(d, range_beyond);
}

/* FILE_ALLOCATED_RANGE_BUFFER, MS-FSCC 2.3.51, 2.3.52 */
static void ranges(struct dx *d, struct smb_msg *m UNUSED)
{
	while (d_rest(d) && d_more(d)) {
		d_push(d, fsctl_range);
		d_get(d, range_offset);
		d_get(d, range_length);
		d_pop(d);
	}
}

/* FILE_REGION_INPUT, MS-FSCC 2.3.55 */
static void regions_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, file_offset);
	d_get(d, region_length);
	d_get(d, region_usage);
	d_bytes(d, smb2_reserved, 4);
}

/* FILE_REGION_OUTPUT, MS-FSCC 2.3.56, 2.3.56.1 */
static void regions_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, region_flags);
	d_get(d, region_total);
	d_get(d, region_count);
	d_bytes(d, smb2_reserved, 4);
	while (d_rest(d) && d_more(d)) {
		d_push(d, fsctl_range);
		d_get(d, file_offset);
		d_get(d, region_length);
		d_get(d, region_usage);
		d_bytes(d, smb2_reserved, 4);
		d_pop(d);
	}
}

/* SMB2_DUPLICATE_EXTENTS_DATA, MS-FSCC 2.3.7.2 */
static void duplicate_in(struct dx *d, struct smb_msg *m)
{
	struct span source = d_bytes(d, extents_fid, 16);
	uint64_t length;

	d_get(d, extents_from);
	d_get(d, extents_to);
	length = d_get(d, extents_count);
	if (m->response)
		return;
	m->u.copy.length = length;
	if (source.p)
		m->u.copy.source = (struct smb_fid){ .p = dx_load(source.p, FT_U64), .v = dx_load(source.p + 8, FT_U64), .known = true };
}

/* SMB2_DUPLICATE_EXTENTS_DATA_EX, MS-FSCC 2.3.9.2 */
static void duplicate_ex_in(struct dx *d, struct smb_msg *m)
{
	d_get(d, extents_size);
	duplicate_in(d, m);
	d_get(d, extents_flags);
	d_bytes(d, smb2_reserved, 4);
}

/* STORAGE_OFFLOAD_TOKEN, MS-FSCC 2.1.11: 512 bytes, numbers in network order */
static void odx_token_buffer(struct dx *d)
{
	uint32_t len;

	d_get(d, odx_token_type);
	d_bytes(d, smb2_reserved, 2);
	len = (uint32_t)d_get(d, odx_token_length);
	d_bytes(d, odx_token, min_u32(len, d_rest(d)));
	d_tail(d, smb2_filler);
}

/* MS-FSCC 2.3.41 */
static void offload_read_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, odx_size);
	d_get(d, odx_flags);
	d_get(d, odx_ttl);
	d_bytes(d, smb2_reserved, 4);
	d_get(d, odx_file_offset);
	d_get(d, odx_copy_length);
}

/* MS-FSCC 2.3.42 */
static void offload_read_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, odx_size);
	d_get(d, odx_flags);
	d_get(d, odx_transfer);
	odx_token_buffer(d);
}

/* MS-FSCC 2.3.43 */
static void offload_write_in(struct dx *d, struct smb_msg *m)
{
	uint64_t length;

	d_get(d, odx_size);
	d_get(d, odx_flags);
	d_get(d, odx_file_offset);
	length = d_get(d, odx_copy_length);
	if (!m->response)
		m->u.copy.length = length;
	d_get(d, odx_token_offset);
	odx_token_buffer(d);
}

/* MS-FSCC 2.3.44 */
static void offload_write_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, odx_size);
	d_get(d, odx_flags);
	d_get(d, odx_transfer);
}

/* What both directions of MS-SQOS begin with. */
static uint32_t sqos_head(struct dx *d)
{
	uint32_t version = (uint32_t)d_get(d, sqos_version);

	d_get(d, sqos_reserved);
	d_get(d, sqos_options);
	d_bytes(d, sqos_flow, 16);
	d_bytes(d, sqos_policy, 16);
	d_bytes(d, sqos_initiator, 16);
	return version;
}

/* MS-SQOS 2.2.2.2 */
static void sqos_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t version = sqos_head(d), name_off, name_len, node_off, node_len;
	struct dx part;

	d_get(d, sqos_limit);
	d_get(d, sqos_reservation);
	name_off = (uint32_t)d_get(d, smb2_olb_offset16);
	name_len = (uint32_t)d_get(d, smb2_olb_length16);
	node_off = (uint32_t)d_get(d, smb2_olb_offset16);
	node_len = (uint32_t)d_get(d, smb2_olb_length16);
	d_get(d, sqos_io_count);
	d_get(d, sqos_norm_count);
	d_get(d, sqos_latency);
	d_get(d, sqos_lower_latency);
	if (version > 0x0100) {
		d_get(d, sqos_bandwidth_limit);
		d_get(d, sqos_kilobytes);
	}
	if (d_sub(d, name_off, name_len, &part))
		d_tail(&part, sqos_initiator_name);
	if (d_sub(d, node_off, node_len, &part))
		d_tail(&part, sqos_node_name);
	(void)d_part(d, d_rest(d), &part);
}

/* MS-SQOS 2.2.2.3 */
static void sqos_out(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t version = sqos_head(d);

	d_get(d, sqos_ttl);
	d_get(d, sqos_status);
	d_get(d, sqos_max_rate);
	d_get(d, sqos_min_rate);
	d_get(d, sqos_base_size);
	d_get(d, sqos_reserved2);
	if (version > 0x0100)
		d_get(d, sqos_max_bandwidth);
}

static void dfs_in(struct dx *d, struct smb_msg *m UNUSED)
{
	fscc_dfs_request(d);
}

static void dfs_ex_in(struct dx *d, struct smb_msg *m UNUSED)
{
	fscc_dfs_request_ex(d);
}

static void dfs_out(struct dx *d, struct smb_msg *m UNUSED)
{
	struct dx strings;

	fscc_dfs_response(d);
	/* What is left are the strings the entries led to. */
	(void)d_part(d, d_rest(d), &strings);
}

/* What has no row, or no function, is shown as bytes. */
static const struct fscc_fsctl fsctls[] = {
	{ 0x00060194, dfs_in, dfs_out },                     /* FSCTL_DFS_GET_REFERRALS */
	{ 0x000601B0, dfs_ex_in, dfs_out },                  /* FSCTL_DFS_GET_REFERRALS_EX */
	{ 0x0009003C, NULL, compression },                   /* FSCTL_GET_COMPRESSION */
	{ 0x0009C040, compression, NULL },                   /* FSCTL_SET_COMPRESSION */
	{ 0x00090098, objectid, NULL },                      /* FSCTL_SET_OBJECT_ID */
	{ 0x0009009C, NULL, objectid },                      /* FSCTL_GET_OBJECT_ID */
	{ 0x00098098, objectid, NULL },                      /* FSCTL_SET_OBJECT_ID */
	{ 0x000900A4, reparse, NULL },                       /* FSCTL_SET_REPARSE_POINT */
	{ 0x000980A4, reparse, NULL },                       /* FSCTL_SET_REPARSE_POINT */
	{ 0x000900A8, NULL, reparse },                       /* FSCTL_GET_REPARSE_POINT */
	{ 0x000900AC, reparse, NULL },                       /* FSCTL_DELETE_REPARSE_POINT */
	{ 0x000980AC, reparse, NULL },                       /* FSCTL_DELETE_REPARSE_POINT */
	{ 0x000900C0, NULL, objectid },                      /* FSCTL_CREATE_OR_GET_OBJECT_ID */
	{ 0x000900C4, sparse_in, NULL },                     /* FSCTL_SET_SPARSE */
	{ 0x000940CF, ranges, ranges },                      /* FSCTL_QUERY_ALLOCATED_RANGES */
	{ 0x000980C8, zero_data_in, NULL },                  /* FSCTL_SET_ZERO_DATA */
	{ 0x00094264, offload_read_in, offload_read_out },   /* FSCTL_OFFLOAD_READ */
	{ 0x00098268, offload_write_in, offload_write_out }, /* FSCTL_OFFLOAD_WRITE */
	{ 0x0009027C, NULL, integrity },                     /* FSCTL_GET_INTEGRITY_INFORMATION */
	{ 0x0009C280, integrity, NULL },                     /* FSCTL_SET_INTEGRITY_INFORMATION */
	{ 0x00090284, regions_in, regions_out },             /* FSCTL_QUERY_FILE_REGIONS */
	{ 0x00090350, sqos_in, sqos_out },                   /* FSCTL_STORAGE_QOS_CONTROL */
	{ 0x00098344, duplicate_in, NULL },                  /* FSCTL_DUPLICATE_EXTENTS_TO_FILE */
	{ 0x000983E8, duplicate_ex_in, NULL },               /* FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX */
	{ 0x00110018, pipe_wait_in, NULL },                  /* FSCTL_PIPE_WAIT */
	{ 0x0011C017, pipe_data, pipe_data },                /* FSCTL_PIPE_TRANSCEIVE */
	{ 0x00140078, NULL, resume_key_out },                /* FSCTL_SRV_REQUEST_RESUME_KEY */
	{ 0x001401D4, resiliency_in, NULL },                 /* FSCTL_LMR_REQUEST_RESILIENCY */
	{ 0x001401FC, NULL, interfaces_out },                /* FSCTL_QUERY_NETWORK_INTERFACE_INFO */
	{ 0x00140200, validate_in, validate_out },           /* FSCTL_VALIDATE_NEGOTIATE_INFO_224 */
	{ 0x00140204, validate_in, validate_out },           /* FSCTL_VALIDATE_NEGOTIATE_INFO */
	{ 0x00144064, NULL, snapshots_out },                 /* FSCTL_SRV_ENUMERATE_SNAPSHOTS */
	{ 0x001440F2, copychunk_in, copychunk_out },         /* FSCTL_SRV_COPYCHUNK */
	{ 0x001480F2, copychunk_in, copychunk_out },         /* FSCTL_SRV_COPYCHUNK_WRITE */
	{ 0 },
};

static const struct fscc_fsctl *find(uint32_t code)
{
	static const struct fscc_fsctl *const tables[] = {
		fsctls, fsctl_volume, fsctl_stats, fsctl_usn, fsctl_snapshot, fsctl_local, fsctl_rsvd,
	};

	for (size_t i = 0; i < COUNT(tables); i++)
		for (const struct fscc_fsctl *f = tables[i]; f->code; f++)
			if (f->code == code)
				return f;
	return NULL;
}

void fsctl_input(struct dx *d, struct smb_msg *m, uint32_t code)
{
	const struct fscc_fsctl *f = find(code);

	/* An answer may carry the input back; it is the same structure, but no facts. */
	if (f && f->input && (!m->response || f->input != pipe_data))
		f->input(d, m);
	d_tail(d, fsctl_data);
}

void fsctl_output(struct dx *d, struct smb_msg *m, uint32_t code)
{
	const struct fscc_fsctl *f = find(code);

	if (f && f->output && m->response)
		f->output(d, m);
	d_tail(d, fsctl_data);
}
