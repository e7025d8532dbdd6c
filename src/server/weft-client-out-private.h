/* weft-client-out-private.h: what a client's sender has to say, as messages, and where they go
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is said is gathered first, and put in the order in which the other side needs it when it is
 * sent: lanes, what groups tasks are of, tasks, inputs, records, other lines.
 *
 * One thread at a time.
 */
#pragma once

#include "server/weft-client-private.h"

#include "trace/weft-run-file.h"

/* (nullable): with an error, or without one: nobody listens, and there is no file to write */
WeftClientOut *_weft_client_out_new (const WeftClient *client, GError **error);
/* @out: (nullable) */
void _weft_client_out_free (WeftClientOut *out);
/* Lets go of the connection: it is lost, or, in the child of a fork(), the parent's. */
void _weft_client_out_hang_up (WeftClientOut *out);

/* Returns: the task's number on the wire; they count up from 0 */
uint32_t _weft_client_out_task (WeftClientOut *out, const char *key, size_t n_chars);
/* As many keys as there are in the bytes: each a u32 length, and it. Returns: the first's number */
uint32_t _weft_client_out_tasks (WeftClientOut *out, const uint8_t *keys, size_t n_bytes,
                                 uint32_t n_keys);
void _weft_client_out_input (WeftClientOut *out, uint32_t task, uint32_t input);
/* Their number is made here: from 1 on, as it is returned. */
uint32_t _weft_client_out_lane (WeftClientOut *out, WeftLaneHead head, const char *name);
void _weft_client_out_record (WeftClientOut *out, uint32_t lane, const WeftRecord *record);
/* Lines of events, with their line feeds, that have to come before the tasks of the round … */
GString *_weft_client_out_early_lines (WeftClientOut *out);
/* … and after its records. */
GString *_weft_client_out_lines (WeftClientOut *out);
/* Whether so much is gathered that it had better be sent. */
bool _weft_client_out_is_full (const WeftClientOut *out);

/* Sends what was gathered, however long it takes; but gives up when for wait_ms nothing was taken
 * while client->closing is set. FALSE: the connection is lost; what could not be sent is counted in
 * client->n_dropped */
bool _weft_client_out_send (WeftClientOut *out, WeftClient *client);
/* The run is over. */
bool _weft_client_out_finish (WeftClientOut *out, WeftClient *client, WeftClientPhase phase);
