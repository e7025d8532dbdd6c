/* weft-dial-private.h: a connection to a server, from the client's side, that waits for answers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In the form of messages. The descriptor does not block; the functions wait for it, up to a time.
 * One thread at a time.
 */
#pragma once

#include "server/weft-wire-private.h"

typedef struct
{
  int fd; /* -1: closed */
  WeftWire wire;
  int wait_ms;      /* for whatever is waited for */
  uint32_t next_id; /* of requests */
} WeftDial;

/* Where the environment or the house say that a server is. (transfer full) */
char *_weft_dial_default_address (void);

/* Connects to the socket at the path, and greets. @name: UTF-8
 * Returns: (transfer full) (nullable): NULL with an error of WEFT_CLIENT_ERROR: NOBODY if there is
 * nobody */
WeftDial *_weft_dial_new (const char *address, const char *name, int wait_ms, GError **error);
/* @dial: (nullable) */
void _weft_dial_free (WeftDial *dial);
/* Closes the descriptor, no more. */
void _weft_dial_abandon (WeftDial *dial);

/* Sends as much of the bytes as can be within the time; what comes meanwhile is read into the wire,
 * so that two who both send do not wait for each other.
 * Returns: how many; -1 with an error: the connection is lost */
gssize _weft_dial_push (WeftDial *dial, const uint8_t *bytes, size_t n_bytes, int wait_ms,
                        GError **error);
/* The same for all of them: FALSE with an error. */
bool _weft_dial_send (WeftDial *dial, const uint8_t *bytes, size_t n_bytes, GError **error);
/* Reads what is there. FALSE with an error: nothing more will come. */
bool _weft_dial_read (WeftDial *dial, GError **error);
/* The next message. FALSE with an error; LOST also after wait_ms */
bool _weft_dial_receive (WeftDial *dial, WeftWireMessage *message, GError **error);
/* A request, and its answer. What else comes meanwhile is passed over. @json: an object without id
 * Returns: (transfer full) (nullable): the object “ok”; NULL with an error */
char *_weft_dial_ask (WeftDial *dial, const char *json, GError **error);
