/* weft-cli-ask-private.h: asks a server, one question at a time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In the form of lines (data/doc/protocol.md), and waiting: for commands.
 */
#pragma once

#include "cli/weft-cli-private.h"

typedef struct _WeftAsk WeftAsk;

/* @address: (nullable): NULL is the usual one. Greets. Returns: (transfer full) (nullable): NULL
 * with an error of WEFT_SERVER_ERROR */
WeftAsk *_weft_ask_open (const char *address, GError **error);
void _weft_ask_free (WeftAsk *ask);

/**
 * _weft_ask:
 * @members: of the request, beside its id: "\"do\": \"runs\""
 *
 * Waits for the answer; notices that come before it are kept for _weft_ask_next().
 *
 * Returns: (transfer full) (nullable): its “ok”; NULL with an error that has the server's words, of
 * G_OPTION_ERROR where what was asked cannot be
 */
char *_weft_ask (WeftAsk *ask, const char *members, GError **error);

/* The next object that is no answer. (transfer full) (nullable): NULL with an error, or without
 * one where the connection has ended */
char *_weft_ask_next (WeftAsk *ask, GError **error);

/* Waiting ends with a signal, too: what is awaited is then NULL, without an error. @signals: what
 * _weft_cli_catch_signals() returned */
void _weft_ask_heed_signals (WeftAsk *ask, int signals);

/* What the server said of itself. */
const char *_weft_ask_greeting (const WeftAsk *ask);

/* ---- objects in answers ---------------------------------------------------------------------- */

/* The member's value as it stands. (transfer full) (nullable) */
char *_weft_ask_member (const char *json, const char *name);
/* The same, of a text. (transfer full) (nullable) */
char *_weft_ask_text (const char *json, const char *name);
/* FALSE: there is none, or it is no number. */
bool _weft_ask_number (const char *json, const char *name, double *number);
/* Each item of an array as it stands. */
void _weft_ask_foreach (const char *json, void (*item) (const char *json, void *data), void *data);
