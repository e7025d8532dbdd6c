/* client-peer.h: the other side of a client: a small server that holds it to protocol.md
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * It takes one connection after the other, answers what a client asks, checks each message against
 * the document, and keeps what it heard. What does not fit ends the test.
 */
#pragma once

#include "graph/weft-json-private.h"
#include "server/weft-client.h"
#include "server/weft-wire-private.h"
#include "trace/weft-record.h"
#include "trace/weft-run-file.h"

#include "test-support.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef enum
{
  PEER_WELL,
  PEER_REFUSES, /* the greeting */
  PEER_MUTE,    /* never answers it */
  PEER_DEAF,    /* answers “report”, and reads no more until it is cured */
} PeerMood;

typedef struct
{
  WeftLaneHead head;
  char *name;
} PeerLane;

typedef struct
{
  uint32_t lane;
  WeftRecord record;
} PeerRecord;

typedef struct
{
  char *dir;
  char *address;
  int listener, stop;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t heard;
  /* lock */
  PeerMood mood;
  uint64_t hang_up_after; /* records, if not 0 */
  GPtrArray *keys;        /* char *, by number */
  GArray *inputs;         /* uint32_t: pairs */
  GPtrArray *lanes;       /* PeerLane *; that of number 0 is NULL */
  GArray *records;        /* PeerRecord */
  GPtrArray *lines;       /* char * */
  char *greeting, *report, *finish;
  uint32_t n_connections, n_ended;
} Peer;

static inline void
peer_lane_free (void *data)
{
  PeerLane *lane = data;

  if (lane != NULL)
    g_free (lane->name);
  g_free (lane);
}

/* ---- what is heard --------------------------------------------------------------------------- */

/* A member of an object, as it stands there. (transfer full) (nullable) */
static inline char *
peer_member (const char *object, const char *name)
{
  const char *text;
  char *found = NULL;
  size_t n_chars;
  WeftJson json;

  _weft_json_init (&json, object, strlen (object), "message");
  g_assert_true (_weft_json_expect (&json, WEFT_JSON_BEGIN_OBJECT, "an object"));
  while (_weft_json_next_name (&json))
    {
      bool is_it = _weft_json_is (&json, name);

      g_assert_true (_weft_json_raw (&json, &text, &n_chars));
      if (is_it)
        found = g_strndup (text, n_chars);
    }
  g_assert_no_error (json.error);
  _weft_json_clear (&json);
  return found;
}

/* Said of the peer that is locked. */
static inline void
peer_hear_tasks (Peer *peer, const uint8_t *bytes, size_t n_bytes)
{
  uint32_t head[2];
  size_t at = sizeof head;

  g_assert_cmpuint (n_bytes, >=, sizeof head);
  memcpy (head, bytes, sizeof head);
  g_assert_cmpuint (head[0], ==, peer->keys->len);
  for (uint32_t i = 0; i < head[1]; i++)
    {
      uint32_t n_chars;

      g_assert_cmpuint (n_bytes - at, >=, sizeof n_chars);
      memcpy (&n_chars, bytes + at, sizeof n_chars);
      at += sizeof n_chars;
      g_assert_cmpuint (n_chars, >, 0);
      g_assert_cmpuint (n_bytes - at, >=, n_chars);
      g_assert_true (g_utf8_validate ((const char *) bytes + at, n_chars, NULL));
      g_ptr_array_add (peer->keys, g_strndup ((const char *) bytes + at, n_chars));
      at += n_chars;
    }
  g_assert_cmpuint (at, ==, n_bytes);
}

static inline void
peer_hear_inputs (Peer *peer, const uint8_t *bytes, size_t n_bytes)
{
  const uint32_t *numbers = (const uint32_t *) (const void *) bytes;

  g_assert_cmpuint (n_bytes % 8, ==, 0);
  for (size_t i = 0; i < n_bytes / 4; i++)
    g_assert_cmpuint (numbers[i], <, peer->keys->len);
  g_array_append_vals (peer->inputs, numbers, (guint) (n_bytes / 4));
}

static inline void
peer_hear_lane (Peer *peer, const uint8_t *bytes, size_t n_bytes)
{
  PeerLane *lane = g_new0 (PeerLane, 1);

  g_assert_cmpuint (n_bytes, >=, sizeof lane->head);
  memcpy (&lane->head, bytes, sizeof lane->head);
  g_assert_cmpuint (lane->head.lane, ==, peer->lanes->len);
  g_assert_cmpuint (lane->head.n_name_bytes, ==, n_bytes - sizeof lane->head);
  g_assert_cmpuint (lane->head.domain, ==, 0);
  if (lane->head.parent_lane != WEFT_NONE)
    g_assert_cmpuint (lane->head.parent_lane, <, lane->head.lane);
  lane->name = g_strndup ((const char *) bytes + sizeof lane->head, lane->head.n_name_bytes);
  g_assert_true (g_utf8_validate (lane->name, lane->head.n_name_bytes, NULL));
  g_ptr_array_add (peer->lanes, lane);
}

static inline void
peer_hear_records (Peer *peer, uint32_t lane, const uint8_t *bytes, size_t n_bytes)
{
  const WeftRecord *records = (const WeftRecord *) (const void *) bytes;

  g_assert_cmpuint (n_bytes % sizeof *records, ==, 0);
  g_assert_cmpuint (lane, <, peer->lanes->len);
  for (size_t i = 0; i < n_bytes / sizeof *records; i++)
    {
      PeerRecord heard = { lane, records[i] };
      bool is_task = records[i].kind == WEFT_RECORD_TASK;

      g_assert_true (is_task ? lane != 0
                             : records[i].kind == WEFT_RECORD_READY
                                   || records[i].kind == WEFT_RECORD_RELEASED
                                   || records[i].kind == WEFT_RECORD_CANCELLED);
      g_assert_cmpuint (records[i].segment, ==, 0xfffffffe);
      g_assert_cmpuint (records[i].task, <, peer->keys->len);
      g_assert_cmpuint (weft_record_end (&records[i]) >> 63, ==, 0);
      if (!is_task || weft_record_outcome (&records[i]) == WEFT_OUTCOME_RUNNING)
        g_assert_cmpuint (weft_record_duration (&records[i]), ==, 0);
      g_array_append_val (peer->records, heard);
    }
}

static inline void
peer_hear_lines (Peer *peer, WeftWire *wire, const WeftWireMessage *message)
{
  const char *line;
  size_t at = 0, n_chars;

  while (_weft_wire_next_line (wire, message, &at, &line, &n_chars))
    {
      char *text = g_strndup (line, n_chars);
      g_autofree char *event = peer_member (text, "e");

      g_assert_nonnull (event);
      g_ptr_array_add (peer->lines, text);
    }
}

/* ---- what is said ---------------------------------------------------------------------------- */

static inline void
peer_say (int fd, bool first, const char *json)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  size_t n_sent = 0;

  if (first)
    g_byte_array_append (bytes, (const guint8 *) WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  _weft_wire_append (bytes, (WeftWireHead){ .kind = WEFT_WIRE_JSON },
                     &(struct iovec){ (char *) json, strlen (json) }, 1);
  while (n_sent < bytes->len)
    {
      ssize_t n = send (fd, bytes->data + n_sent, bytes->len - n_sent, MSG_NOSIGNAL);

      if (n < 0)
        return; /* the client is gone */
      n_sent += (size_t) n;
    }
}

static inline bool
peer_greet (Peer *peer, int fd, const char *json)
{
  g_autofree char *hello = peer_member (json, "hello"), *versions = peer_member (json, "versions");

  g_assert_cmpstr (hello, ==, "\"weftline\"");
  g_assert_cmpstr (versions, ==, "[1]");
  g_free (peer->greeting);
  peer->greeting = g_strdup (json);
  if (peer->mood == PEER_REFUSES)
    peer_say (fd, true,
              "{\"error\": {\"code\": \"limit\", \"message\": \"1024 clients are here\"}}");
  else if (peer->mood != PEER_MUTE)
    peer_say (fd, true,
              "{\"hello\": \"weftline\", \"version\": 1, \"server\": \"test\", \"pid\": 1}");
  return peer->mood != PEER_REFUSES;
}

static inline void
peer_answer (Peer *peer, int fd, const char *json)
{
  g_autofree char *id = peer_member (json, "id"), *what = peer_member (json, "do"), *answer = NULL;

  g_assert_nonnull (id);
  g_assert_nonnull (what);
  if (strcmp (what, "\"report\"") == 0)
    {
      peer->report = g_strdup (json);
      peer_say (fd, false, "{\"channel\": 9, \"note\": \"that is no answer\"}");
      answer = g_strdup_printf (
          "{\"id\": %s, \"ok\": {\"channel\": 7, \"run\": 1, \"path\": \"/r.weft\"}}", id);
    }
  else if (strcmp (what, "\"finish\"") == 0)
    {
      peer->finish = g_strdup (json);
      answer = g_strdup_printf ("{\"id\": %s, \"ok\": {\"run\": 1}}", id);
    }
  else if (strcmp (what, "\"ping\"") == 0)
    answer = g_strdup_printf ("{\"id\": %s, \"ok\": {\"now\": 5}}", id);
  else
    answer = g_strdup_printf ("{\"id\": %s, \"error\": {\"code\": \"request\", \"message\": "
                              "\"there is no %.20s\", \"mend\": \"ping\"}}",
                              id, "such request");
  peer_say (fd, false, answer);
}

/* ---- a connection ---------------------------------------------------------------------------- */

static inline void
peer_take (Peer *peer, WeftWire *wire, const WeftWireMessage *message)
{
  g_assert_cmpuint (message->head.flags, ==, 0);
  g_assert_cmpuint (message->head.channel, ==, 7);
  if (message->head.kind != WEFT_WIRE_RECORDS)
    g_assert_cmpuint (message->head.lane, ==, 0);
  switch (message->head.kind)
    {
    case WEFT_WIRE_LINES:
      peer_hear_lines (peer, wire, message);
      break;
    case WEFT_WIRE_TASKS:
      peer_hear_tasks (peer, message->payload, message->head.n_bytes);
      break;
    case WEFT_WIRE_INPUTS:
      peer_hear_inputs (peer, message->payload, message->head.n_bytes);
      break;
    case WEFT_WIRE_LANE:
      peer_hear_lane (peer, message->payload, message->head.n_bytes);
      break;
    default:
      g_assert_cmpuint (message->head.kind, ==, WEFT_WIRE_RECORDS);
      peer_hear_records (peer, message->head.lane, message->payload, message->head.n_bytes);
    }
}

/* Returns: whether the connection goes on */
static inline bool
peer_hear (Peer *peer, int fd, WeftWire *wire, const WeftWireMessage *message, bool first)
{
  g_autofree char *json = NULL;
  bool goes_on = true;

  pthread_mutex_lock (&peer->lock);
  if (message->head.kind != WEFT_WIRE_JSON)
    {
      g_assert_false (first);
      peer_take (peer, wire, message);
      goes_on = peer->hang_up_after == 0 || peer->records->len < peer->hang_up_after;
    }
  else
    {
      json = g_strndup ((const char *) message->payload, message->head.n_bytes);
      g_assert_cmpuint (message->head.channel, ==, 0);
      if (first)
        goes_on = peer_greet (peer, fd, json);
      else
        peer_answer (peer, fd, json);
    }
  pthread_cond_broadcast (&peer->heard);
  pthread_mutex_unlock (&peer->lock);
  return goes_on;
}

/* Once the client is to be heard, or has been told to stop. FALSE: that. */
static inline bool
peer_wait (Peer *peer, int fd)
{
  struct pollfd wait[2] = { { .fd = peer->stop, .events = POLLIN },
                            { .fd = fd, .events = POLLIN } };

  pthread_mutex_lock (&peer->lock);
  while (peer->mood == PEER_DEAF && peer->report != NULL)
    pthread_cond_wait (&peer->heard, &peer->lock);
  pthread_mutex_unlock (&peer->lock);
  while (poll (wait, 2, -1) < 0)
    g_assert_cmpint (errno, ==, EINTR);
  return wait[1].revents != 0;
}

static inline void
peer_serve (Peer *peer, int fd)
{
  bool first = true, goes_on = true;
  WeftWireMessage message;
  WeftWire wire;

  _weft_wire_init (&wire, &WEFT_WIRE_LIMITS_DEFAULT);
  while (goes_on && peer_wait (peer, fd))
    {
      size_t n_room;
      uint8_t *room = _weft_wire_room (&wire, &n_room);
      ssize_t n = recv (fd, room, n_room, 0);

      if (n <= 0)
        break;
      _weft_wire_received (&wire, (size_t) n);
      while (goes_on && _weft_wire_next (&wire, &message) == WEFT_WIRE_MESSAGE)
        {
          goes_on = peer_hear (peer, fd, &wire, &message, first);
          first = false;
        }
      g_assert_no_error (wire.error);
    }
  _weft_wire_clear (&wire);
}

static inline void *
peer_connection (void *data)
{
  void **both = data;
  Peer *peer = both[0];
  int fd = GPOINTER_TO_INT (both[1]);

  g_free (both);
  peer_serve (peer, fd);
  close (fd);
  pthread_mutex_lock (&peer->lock);
  peer->n_ended++;
  pthread_cond_broadcast (&peer->heard);
  pthread_mutex_unlock (&peer->lock);
  return NULL;
}

static inline void *
peer_main (void *data)
{
  Peer *peer = data;
  GArray *threads = g_array_new (FALSE, FALSE, sizeof (pthread_t));
  struct pollfd wait[2] = { { .fd = peer->stop, .events = POLLIN },
                            { .fd = peer->listener, .events = POLLIN } };

  while (poll (wait, 2, -1) < 0 || wait[0].revents == 0)
    {
      int fd = accept4 (peer->listener, NULL, NULL, SOCK_CLOEXEC);
      void **both = g_new (void *, 2);
      pthread_t thread;

      g_assert_cmpint (fd, >=, 0);
      pthread_mutex_lock (&peer->lock);
      peer->n_connections++;
      pthread_mutex_unlock (&peer->lock);
      both[0] = peer;
      both[1] = GINT_TO_POINTER (fd);
      g_assert_cmpint (pthread_create (&thread, NULL, peer_connection, both), ==, 0);
      g_array_append_val (threads, thread);
    }
  for (guint i = 0; i < threads->len; i++)
    pthread_join (g_array_index (threads, pthread_t, i), NULL);
  g_array_unref (threads);
  return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static inline Peer *
peer_new (PeerMood mood)
{
  Peer *peer = g_new0 (Peer, 1);
  struct sockaddr_un where = { .sun_family = AF_UNIX };

  peer->dir = test_dir_new ();
  peer->address = g_build_filename (peer->dir, "socket", NULL);
  peer->mood = mood;
  peer->keys = g_ptr_array_new_with_free_func (g_free);
  peer->inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  peer->lanes = g_ptr_array_new_with_free_func (peer_lane_free);
  g_ptr_array_add (peer->lanes, NULL);
  peer->records = g_array_new (FALSE, FALSE, sizeof (PeerRecord));
  peer->lines = g_ptr_array_new_with_free_func (g_free);
  pthread_mutex_init (&peer->lock, NULL);
  pthread_cond_init (&peer->heard, NULL);
  g_strlcpy (where.sun_path, peer->address, sizeof where.sun_path);
  peer->stop = eventfd (0, EFD_CLOEXEC);
  peer->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (peer->listener, (struct sockaddr *) &where, sizeof where), ==, 0);
  g_assert_cmpint (listen (peer->listener, 16), ==, 0);
  g_assert_cmpint (pthread_create (&peer->thread, NULL, peer_main, peer), ==, 0);
  return peer;
}

static inline void
peer_set_mood (Peer *peer, PeerMood mood)
{
  pthread_mutex_lock (&peer->lock);
  peer->mood = mood;
  pthread_cond_broadcast (&peer->heard);
  pthread_mutex_unlock (&peer->lock);
}

/* Nobody listens from now on; what was heard stays. */
static inline void
peer_stop (Peer *peer)
{
  uint64_t one = 1;

  if (peer->listener < 0)
    return;
  peer_set_mood (peer, PEER_WELL);
  g_assert_cmpint (write (peer->stop, &one, sizeof one), ==, sizeof one);
  pthread_join (peer->thread, NULL);
  close (peer->listener);
  peer->listener = -1;
}

static inline void
peer_free (Peer *peer)
{
  peer_stop (peer);
  close (peer->stop);
  g_ptr_array_unref (peer->keys);
  g_array_unref (peer->inputs);
  g_ptr_array_unref (peer->lanes);
  g_array_unref (peer->records);
  g_ptr_array_unref (peer->lines);
  g_free (peer->greeting);
  g_free (peer->report);
  g_free (peer->finish);
  test_dir_free (peer->dir);
  g_free (peer->address);
  g_free (peer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

/* Waits until the condition holds, which may look at what was heard; the test's time limit ends it.
 */
#define peer_wait_until(peer, condition)                 \
  G_STMT_START                                           \
  {                                                      \
    pthread_mutex_lock (&(peer)->lock);                  \
    while (!(condition))                                 \
      pthread_cond_wait (&(peer)->heard, &(peer)->lock); \
    pthread_mutex_unlock (&(peer)->lock);                \
  }                                                      \
  G_STMT_END
