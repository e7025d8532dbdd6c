/* weft-client-record-private.h: a client's own run file, where nobody listens
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Takes the same messages as a server, and writes what a server would.
 *
 * One thread at a time.
 */
#pragma once

#include "base/weft-base.h"

#include "trace/weft-record.h"

typedef struct _WeftClientRecord WeftClientRecord;

/* Makes the file. @meta_json: an object
 * Returns: (transfer full) (nullable): NULL with an error of WEFT_CLIENT_ERROR */
WeftClientRecord *_weft_client_record_new (const char *path, const char *meta_json, GError **error);
/* @record: (nullable): without a finish before, the file is that of an interrupted run */
void _weft_client_record_free (WeftClientRecord *record);
/* Whole messages of events, aligned to 8 bytes; and writes them. FALSE: the file can take no more
 * */
bool _weft_client_record_take (WeftClientRecord *record, const uint8_t *bytes, size_t n_bytes);
/* The run is over. */
bool _weft_client_record_finish (WeftClientRecord *record, WeftRunPhase phase,
                                 const char *summary_json);
