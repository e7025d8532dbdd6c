/* weft-attach-report-private.h: a run that is reported, in the form of lines
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Who reports must not be held up: a scheduler keeps for us what we do not read, without bound. So
 * lines wait here for a server that is slow, and above a limit they are dropped and counted.
 *
 * In the thread of the main context, whose sources send and receive.
 */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct _WeftAttachReport WeftAttachReport;

/* The server says something that is wrong, or is gone: then nothing more is sent. */
typedef void (*WeftAttachTrouble) (void *data, const char *what, bool is_gone);

/* Connects to this user's server, and greets. @client: what to call this program. Waits some
 * seconds at most.
 * Returns: (transfer full) (nullable): NULL with an error, of G_IO_ERROR: NOT_FOUND if nobody
 * listens */
WeftAttachReport *_weft_attach_report_new (const char *client, WeftAttachTrouble trouble,
                                           void *data, GError **error);
/* What was not sent is lost; a run that is not finished is interrupted. @report: (nullable) */
void _weft_attach_report_free (WeftAttachReport *report);

/* Whether it is among what the server can: “spans”. */
bool _weft_attach_report_can (const WeftAttachReport *report, const char *word);
/* Announces the run, with times in seconds since 1970. @notes: of what it will not have */
bool _weft_attach_report_begin (WeftAttachReport *report, const char *name, const char *source,
                                const char *const *notes, GError **error);
/* Sent soon. @lines: emptied */
void _weft_attach_report_say (WeftAttachReport *report, GString *lines);
/* Lines that were dropped since this was asked last. */
uint64_t _weft_attach_report_dropped (WeftAttachReport *report);
/* Sends the rest; with a @phase (nullable) the run is finished, and its file complete. Waits some
 * seconds at most. */
bool _weft_attach_report_finish (WeftAttachReport *report, const char *phase, GError **error);
