/* The data of create contexts.  MS-SMB2 2.2.13.2.1 to 2.2.13.2.15, 2.2.14.2.1 to 2.2.14.2.14; MS-RSVD 2.2.4.12; AAPL. */
#include "smb2.h"

#include "dtyp/dtyp.h"
#include "fscc/fscc.h"

enum { AAPL_SERVER_QUERY = 1, AAPL_RESOLVE_ID = 2 };
enum { AAPL_READDIRATTR = 1 };           /* of the server's capabilities */
enum { AAPL_SERVER_CAPS = 1, AAPL_VOLUME_CAPS = 2, AAPL_MODEL_INFO = 4 };

static void extended_attributes(struct dx *d, struct smb_msg *m UNUSED)
{
	d_push(d, fscc_full_ea_info);
	fscc_full_ea(d);
	d_pop(d);
}

static void security_descriptor(struct dx *d, struct smb_msg *m UNUSED)
{
	struct dx part;

	if (d_part(d, d_rest(d), &part)) {
		d_push(&part, fscc_security);
		dtyp_secdesc(&part);
		d_pop_part(&part);
	}
}

/* 2.2.13.2.3: 16 bytes without meaning, where Wireshark sees a FileId */
static void durable_req(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, dhnq_request, 16);
}

static void durable_res(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, dhnq_response);
}

static void reconnect_req(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, dhnc_fid, 16);
}

static void durable2_req(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, dh2x_timeout);
	d_get(d, dh2x_flags);
	d_get(d, dh2x_reserved);
	d_bytes(d, dh2x_guid, 16);
}

static void durable2_res(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, dh2x_timeout);
	d_get(d, dh2x_res_flags);
}

static void reconnect2_req(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, dhnc_fid, 16);
	d_bytes(d, dh2x_guid, 16);
	d_get(d, dh2x_res_flags);
}

static void allocation_req(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb2_allocation_size);
}

/* 2.2.13.2.5: the timestamp may be left out */
static void maximal_access_req(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, mxac_timestamp);
}

static void maximal_access_res(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, mxac_status);
	d_get(d, access_mask);
}

static void timewarp_req(struct dx *d, struct smb_msg *m)
{
	m->u.open_req.snapshot = d_get(d, twrp_timestamp);
}

static void disk_id_res(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, qfid_id, min_u32(32, d_rest(d)));
}

/* Both versions, both directions; the length tells them apart. */
static void lease(struct dx *d, struct smb_msg *m UNUSED)
{
	bool v2 = d_rest(d) >= 52;

	d_bytes(d, smb2_lease_key, 16);
	d_get(d, smb2_lease_state);
	d_get(d, smb2_lease_flags);
	d_get(d, smb2_lease_duration);
	if (!v2)
		return;
	d_bytes(d, smb2_lease_parent, 16);
	d_get(d, smb2_lease_epoch);
	d_get(d, smb2_lease_reserved);
}

static void app_instance(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, app_size);
	d_get(d, app_reserved);
	d_bytes(d, app_guid, 16);
}

static void app_version(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, app_version_size);
	d_get(d, app_version_reserved);
	d_get(d, app_version_padding);
	d_get(d, app_version_high);
	d_get(d, app_version_low);
}

/* MS-RSVD 2.2.4.12, and 2.2.4.32 with what version 2 adds; HostName is a field of 126 bytes */
static void virtual_disk(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t version, len;
	struct dx host;

	version = (uint32_t)d_get(d, svhdx_version);
	d_get(d, svhdx_has_id);
	d_bytes(d, svhdx_reserved, 3);
	d_bytes(d, svhdx_initiator, 16);
	d_get(d, svhdx_flags);
	d_get(d, svhdx_originator);
	d_get(d, svhdx_request_id);
	len = (uint32_t)d_get(d, svhdx_host_len);
	if (d_part(d, min_u32(126, d_rest(d)), &host)) {
		d_bytes(&host, svhdx_host, min_u32(len, d_rest(&host)));
		d_tail(&host, smb2_filler);
	}
	if (version < 2)
		return;
	d_get(d, svhdx_initialized);
	d_get(d, svhdx_service_version);
	d_get(d, svhdx_virtual_sector);
	d_get(d, svhdx_physical_sector);
	d_get(d, svhdx_virtual_size);
}

static void posix_req(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, posix_perms);
}

static void posix_res(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_nlinks);
	d_get(d, reparse_tag);
	d_get(d, posix_perms);
	dtyp_sid(d);
	dtyp_sid(d);
}

/* Apple's: what is asked for stands in a bit mask. */
static void aapl_req(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t command = (uint32_t)d_get(d, aapl_command);

	d_get(d, aapl_reserved);
	if (command == AAPL_SERVER_QUERY) {
		d_get(d, aapl_bitmask);
		d_get(d, aapl_caps);
	} else if (command == AAPL_RESOLVE_ID) {
		d_get(d, fscc_file_id);
	}
}

static void aapl_res(struct dx *d, struct smb_msg *m)
{
	uint32_t command = (uint32_t)d_get(d, aapl_command), len;

	d_get(d, aapl_reserved);
	if (command == AAPL_SERVER_QUERY) {
		uint64_t mask = d_get(d, aapl_bitmask);

		if (mask & AAPL_SERVER_CAPS)
			m->u.open_res.readdir = d_get(d, aapl_caps) & AAPL_READDIRATTR;
		if (mask & AAPL_VOLUME_CAPS)
			d_get(d, aapl_volume);
		if (mask & AAPL_MODEL_INFO) {
			d_bytes(d, smb2_filler, 4);
			len = (uint32_t)d_get(d, aapl_length);
			d_bytes(d, aapl_model, len);
		}
	} else if (command == AAPL_RESOLVE_ID) {
		d_get(d, aapl_status);
		len = (uint32_t)d_get(d, aapl_length);
		d_bytes(d, aapl_path, len);
	}
}

/* A create context by its name; a new one is a row, and a function where it has data. */
static const struct create_context {
	char tag[17];
	uint8_t len;
	const char *name;      /* Microsoft's */
	smb2_body_fn *request, *response;
} contexts[] = {
	{ "ExtA", 4, "SMB2_CREATE_EA_BUFFER", extended_attributes, NULL },
	{ "SecD", 4, "SMB2_CREATE_SD_BUFFER", security_descriptor, NULL },
	{ "DHnQ", 4, "SMB2_CREATE_DURABLE_HANDLE_REQUEST", durable_req, durable_res },
	{ "DHnC", 4, "SMB2_CREATE_DURABLE_HANDLE_RECONNECT", reconnect_req, NULL },
	{ "DH2Q", 4, "SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2", durable2_req, durable2_res },
	{ "DH2C", 4, "SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2", reconnect2_req, NULL },
	{ "AlSi", 4, "SMB2_CREATE_ALLOCATION_SIZE", allocation_req, NULL },
	{ "MxAc", 4, "SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST", maximal_access_req, maximal_access_res },
	{ "TWrp", 4, "SMB2_CREATE_TIMEWARP_TOKEN", timewarp_req, NULL },
	{ "QFid", 4, "SMB2_CREATE_QUERY_ON_DISK_ID", NULL, disk_id_res },
	{ "RqLs", 4, "SMB2_CREATE_REQUEST_LEASE", lease, lease },
	{ "AAPL", 4, "SMB2_CREATE_AAPL", aapl_req, aapl_res },
	{ "\x45\xBC\xA6\x6A\xEF\xA7\xF7\x4A\x90\x08\xFA\x46\x2E\x14\x4D\x74", 16, "SMB2_CREATE_APP_INSTANCE_ID", app_instance, NULL },
	{ "\xB9\x82\xD0\xB7\x3B\x56\x07\x4F\xA0\x7B\x52\x4A\x81\x16\xA0\x10", 16, "SMB2_CREATE_APP_INSTANCE_VERSION", app_version, NULL },
	{ "\x9C\xCB\xCF\x9E\x04\xC1\xE6\x43\x98\x0E\x15\x8D\xA1\xF6\xEC\x83", 16, "SVHDX_OPEN_DEVICE_CONTEXT", virtual_disk, virtual_disk },
	{ "\x93\xAD\x25\x50\x9C\xB4\x11\xE7\xB4\x23\x83\xDE\x96\x8B\xCD\x7C", 16, "SMB2_CREATE_POSIX", posix_req, posix_res },
};

static const struct create_context *find(struct span tag)
{
	for (size_t i = 0; i < COUNT(contexts); i++)
		if (span_eq(tag, contexts[i].tag, contexts[i].len))
			return &contexts[i];
	return NULL;
}

void smb2_create_name(const struct dx *d, struct span tag)
{
	const struct create_context *c = find(tag);

	if (c)
		d_gen_text(d->run, create_context_name, c->name);
}

void smb2_create_data(struct dx *d, struct smb_msg *m, struct span tag)
{
	const struct create_context *c = find(tag);
	smb2_body_fn *read = !c ? NULL : m->response ? c->response : c->request;

	if (read)
		read(d, m);
	d_tail(d, create_context_data);
}
