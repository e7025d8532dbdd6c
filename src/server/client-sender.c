/* client-sender.c: the thread that takes what threads have said, and sends it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A round looks first how far the rings are filled, and then takes, under the lock, what was said
 * of tasks: so each task that an entry names has been said. Twenty rounds a second, or one as soon
 * as half a ring is full.
 *
 * Tasks of groups get their numbers here, in the order in which their ends are seen, or as soon as
 * they have run long enough to be shown while they do.
 */
#include "config.h"

#include "server/weft-client-out-private.h"

#include "base/weft-futex-private.h"
#include "graph/weft-read-edges-private.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#define ROUND_NS 50000000
#define SHOWN_NS 100000000 /* a span that is open for so long is told of */
#define BY_NUMBER (UINT32_MAX - 1)
#define MOST_TEXT_BYTES 65536 /* of what is said of an error */

typedef struct
{
  WeftClient *client;
  WeftClientOut *out;
  WeftClientClock clock;
  GPtrArray *threads; /* WeftClientThread *: those of this round */
  GPtrArray *groups;  /* WeftClientGroup *: all so far */
  GArray *numbers;    /* uint32_t: on the wire, of tasks by our number */
  WeftClientSaid said;
  uint32_t process_lane;
  uint32_t n_threads; /* that have lanes */
  bool lost;
} Sender;

static void
send_if_full (Sender *sender)
{
  if (_weft_client_out_is_full (sender->out) && !sender->lost)
    sender->lost = !_weft_client_out_send (sender->out, sender->client);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* What was said while a server did not read may be more than a message may have. */
static void
send_lines (Sender *sender)
{
  const char *at = sender->said.lines->str, *end = at + sender->said.lines->len;

  while (at < end && !sender->lost)
    {
      const char *next = (const char *) memchr (at, '\n', (size_t) (end - at)) + 1;

      g_string_append_len (_weft_client_out_lines (sender->out), at, next - at);
      send_if_full (sender);
      at = next;
    }
}

static void
send_said (Sender *sender)
{
  const uint8_t *at = sender->said.keys->data;
  const uint32_t *inputs = (const uint32_t *) (void *) sender->said.inputs->data;
  const uint32_t *numbers;

  for (uint32_t i = 0; i < sender->said.n; i++)
    {
      uint32_t n_chars, number;

      memcpy (&n_chars, at, sizeof n_chars);
      at += sizeof n_chars;
      number = _weft_client_out_task (sender->out, (const char *) at, n_chars);
      at += n_chars;
      g_array_append_val (sender->numbers, number);
      send_if_full (sender);
    }
  numbers = (const uint32_t *) (void *) sender->numbers->data;
  for (guint i = 0; i < sender->said.inputs->len; i += 2)
    {
      _weft_client_out_input (sender->out, numbers[inputs[i]], numbers[inputs[i + 1]]);
      send_if_full (sender);
    }
  send_lines (sender);
  g_byte_array_set_size (sender->said.keys, 0);
  g_array_set_size (sender->said.inputs, 0);
  g_string_truncate (sender->said.lines, 0);
  sender->said.n = 0;
}

/* Another task of the group. Where the server would not see its group, it is told. */
static WeftClientNumbered
number_of_group (Sender *sender, WeftClientGroup *group, uint64_t start)
{
  GString *lines = _weft_client_out_early_lines (sender->out);
  WeftClientNumbered numbered = { .start = start, .index = group->n++ };
  char digits[24];
  gsize n_chars = strlen (group->name);
  g_autofree char *key = NULL;

  n_chars += (gsize) g_snprintf (digits, sizeof digits, "-%" PRIu64, numbered.index);
  key = g_strconcat (group->name, digits, NULL);
  if (!group->is_split)
    {
      g_string_append (lines, "{\"e\": \"add\", \"k\": ");
      _weft_read_append_json (lines, key, n_chars);
      g_string_append (lines, ", \"group\": ");
      _weft_read_append_json (lines, group->name, strlen (group->name));
      g_string_append (lines, "}\n");
    }
  numbered.number = _weft_client_out_task (sender->out, key, n_chars);
  return numbered;
}

static bool
is_known (const Sender *sender, uint32_t what)
{
  return (what & WEFT_CLIENT_IS_GROUP) != 0 ? (what & ~WEFT_CLIENT_IS_GROUP) < sender->groups->len
                                            : what < sender->numbers->len;
}

static WeftClientNumbered
number_of (Sender *sender, WeftClientThread *thread, uint32_t what, uint64_t start, uint8_t depth)
{
  WeftClientNumbered numbered = thread->numbered[depth];

  if (numbered.start == start)
    return numbered;
  if ((what & WEFT_CLIENT_IS_GROUP) != 0)
    return number_of_group (sender, sender->groups->pdata[what & ~WEFT_CLIENT_IS_GROUP], start);
  return (WeftClientNumbered){ .start = start,
                               .number = g_array_index (sender->numbers, uint32_t, what) };
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static void
tell_process (Sender *sender)
{
  WeftLaneHead head = { .kind = WEFT_LANE_PROCESS,
                        .parent_lane = WEFT_NONE,
                        .pid = (uint32_t) getpid () };

  sender->process_lane = _weft_client_out_lane (sender->out, head, sender->client->worker);
}

static uint32_t
lane_of (Sender *sender, WeftClientThread *thread)
{
  WeftLaneHead head = { .kind = WEFT_LANE_THREAD,
                        .parent_lane = sender->process_lane,
                        .pid = (uint32_t) getpid (),
                        .os_thread = thread->os_thread };
  g_autofree char *name = NULL;

  if (thread->lane != 0)
    return thread->lane;
  pthread_mutex_lock (&sender->client->lock);
  name = g_strdup (thread->name);
  pthread_mutex_unlock (&sender->client->lock);
  if (name == NULL)
    name = g_strdup_printf ("%s/%u", sender->client->worker, sender->n_threads);
  sender->n_threads++;
  thread->lane = _weft_client_out_lane (sender->out, head, name);
  return thread->lane;
}

/* ---- entries --------------------------------------------------------------------------------- */

static void
append_member (GString *lines, const char *name, const char *text)
{
  g_autofree char *cut = NULL;

  if (text == NULL)
    return;
  if (strlen (text) > MOST_TEXT_BYTES)
    {
      cut = g_strndup (text, MOST_TEXT_BYTES);
      text = g_strndup (text, (gsize) (g_utf8_find_prev_char (cut, cut + MOST_TEXT_BYTES) - cut));
      g_free (cut);
      cut = (char *) text;
    }
  g_string_append_printf (lines, ", \"%s\": ", name);
  _weft_read_append_json (lines, text, strlen (text));
}

static void
append_key (Sender *sender, GString *lines, uint32_t what, uint64_t index)
{
  g_autofree char *key = NULL;
  size_t n_chars;

  if ((what & WEFT_CLIENT_IS_GROUP) != 0)
    {
      const WeftClientGroup *group = sender->groups->pdata[what & ~WEFT_CLIENT_IS_GROUP];

      key = g_strdup_printf ("%s-%" PRIu64, group->name, index);
      n_chars = strlen (key);
    }
  else
    {
      const char *text;

      pthread_mutex_lock (&sender->client->lock);
      text = _weft_intern_get (&sender->client->keys, what, &n_chars);
      key = g_strndup (text, n_chars);
      pthread_mutex_unlock (&sender->client->lock);
    }
  _weft_read_append_json (lines, key, n_chars);
}

/* Why a span that was sent has failed. */
static void
take_failure (Sender *sender, const WeftClientEntry *entry, uint64_t index)
{
  WeftClientFailure *failure = _weft_client_failure (entry);
  GString *lines = _weft_client_out_lines (sender->out);

  g_string_append (lines, "{\"e\": \"fail\", \"k\": ");
  append_key (sender, lines, entry->what, index);
  g_string_append_printf (lines, ", \"t\": %" PRIu64,
                          _weft_client_clock_ns (&sender->clock, entry->end));
  append_member (lines, "kind", failure->kind);
  append_member (lines, "message", failure->message);
  g_string_append (lines, "}\n");
  _weft_client_failure_free (failure);
}

static void
take_span (Sender *sender, WeftClientThread *thread, const WeftClientEntry *entry)
{
  uint32_t lane = lane_of (sender, thread);
  WeftClientNumbered numbered = number_of (sender, thread, entry->what, entry->start, entry->depth);
  bool failed = entry->kind == WEFT_CLIENT_ENTRY_FAILED;
  uint8_t how = (uint8_t) (WEFT_HOW_FOREIGN | (failed ? WEFT_OUTCOME_FAILED : 0) << 4);
  uint64_t start = _weft_client_clock_ns (&sender->clock, entry->start);
  uint64_t end = _weft_client_clock_ns (&sender->clock, entry->end);
  WeftRecord record;

  do
    {
      start = weft_record_set_span (&record, WEFT_RECORD_TASK, 0, how, numbered.number, BY_NUMBER,
                                    start, end, failed ? 0 : entry->amount);
      record.depth = entry->depth;
      _weft_client_out_record (sender->out, lane, &record);
    }
  while ((record.flags & WEFT_RECORD_CONTINUED) != 0);
  thread->numbered[entry->depth].start = 0;
  if (thread->told_running == entry->start)
    thread->told_running = 0;
  if (failed)
    take_failure (sender, entry, numbered.index);
}

static void
take_point (Sender *sender, const WeftClientEntry *entry)
{
  static const uint8_t kinds[] = { [WEFT_CLIENT_ENTRY_READY] = WEFT_RECORD_READY,
                                   [WEFT_CLIENT_ENTRY_RELEASED] = WEFT_RECORD_RELEASED,
                                   [WEFT_CLIENT_ENTRY_CANCELLED] = WEFT_RECORD_CANCELLED };
  WeftRecord record;

  weft_record_set (&record, kinds[entry->kind], 0, 0,
                   g_array_index (sender->numbers, uint32_t, entry->what), BY_NUMBER,
                   _weft_client_clock_ns (&sender->clock, entry->start), 0, 0);
  _weft_client_out_record (sender->out, 0, &record);
}

static void
take_entry (Sender *sender, WeftClientThread *thread, const WeftClientEntry *entry)
{
  if (!is_known (sender, entry->what)) /* nothing that group() or task() returned */
    {
      if (entry->kind == WEFT_CLIENT_ENTRY_FAILED)
        _weft_client_failure_free (_weft_client_failure (entry));
      atomic_fetch_add_explicit (&sender->client->n_dropped, 1, memory_order_relaxed);
    }
  else if (entry->kind <= WEFT_CLIENT_ENTRY_FAILED)
    take_span (sender, thread, entry);
  else
    take_point (sender, entry);
}

static void
take_entries (Sender *sender, WeftClientThread *thread)
{
  uint64_t n = atomic_load_explicit (&thread->n_taken, memory_order_relaxed);

  while (n < thread->seen && !sender->lost)
    {
      WeftClientEntry entry = thread->entries[n & thread->mask];

      atomic_store_explicit (&thread->n_taken, ++n, memory_order_release);
      take_entry (sender, thread, &entry);
      send_if_full (sender);
    }
}

/* ---- what runs ------------------------------------------------------------------------------- */

/* Whether the slot stood still while it was read, and has something. */
static bool
read_slot (WeftClientSlot *slot, uint64_t *start, uint32_t *what)
{
  *start = atomic_load_explicit (&slot->start, memory_order_acquire);
  *what = atomic_load_explicit (&slot->what, memory_order_acquire);
  return *start != 0 && *start == atomic_load_explicit (&slot->start, memory_order_relaxed);
}

static void
tell_running (Sender *sender, WeftClientThread *thread, uint64_t now_ns)
{
  uint32_t depth = atomic_load_explicit (&thread->depth, memory_order_acquire), what = 0;
  uint64_t start = 0, start_ns;
  WeftClientNumbered numbered;
  WeftRecord record;

  while (depth > 0 && !read_slot (&thread->slots[depth - 1], &start, &what))
    depth--;
  if (depth == 0 || start == thread->told_running || !is_known (sender, what))
    return;
  start_ns = _weft_client_clock_ns (&sender->clock, start);
  if (now_ns < start_ns + SHOWN_NS)
    return;
  numbered = number_of (sender, thread, what, start, (uint8_t) (depth - 1));
  thread->numbered[depth - 1] = numbered;
  thread->told_running = start;
  weft_record_set (&record, WEFT_RECORD_TASK, 0,
                   (uint8_t) (WEFT_HOW_FOREIGN | WEFT_OUTCOME_RUNNING << 4), numbered.number,
                   BY_NUMBER, start_ns, 0, 0);
  record.depth = (uint8_t) (depth - 1);
  _weft_client_out_record (sender->out, lane_of (sender, thread), &record);
}

/* ---- rounds ---------------------------------------------------------------------------------- */

/* How far threads have come, and what was said of tasks up to then. Returns: flushes asked for */
static uint64_t
look (Sender *sender)
{
  WeftClient *client = sender->client;
  WeftClientSaid said;
  uint64_t asked;

  pthread_mutex_lock (&client->lock);
  g_ptr_array_set_size (sender->threads, 0);
  for (guint i = 0; i < client->threads->len; i++)
    {
      WeftClientThread *thread = client->threads->pdata[i];

      if (thread->is_left)
        continue;
      thread->seen_left = atomic_load_explicit (&thread->left, memory_order_acquire);
      thread->seen = atomic_load_explicit (&thread->n_put, memory_order_acquire);
      g_ptr_array_add (sender->threads, thread);
    }
  for (guint i = sender->groups->len; i < client->groups->len; i++)
    g_ptr_array_add (sender->groups, client->groups->pdata[i]);
  said = client->said;
  client->said = sender->said;
  sender->said = said;
  asked = client->flush_asked;
  pthread_mutex_unlock (&client->lock);
  return asked;
}

/* Those whose threads are gone may be taken by others. */
static void
settle (Sender *sender, uint64_t asked)
{
  WeftClient *client = sender->client;

  pthread_mutex_lock (&client->lock);
  for (guint i = 0; i < sender->threads->len; i++)
    {
      WeftClientThread *thread = sender->threads->pdata[i];

      if (!thread->seen_left)
        continue;
      thread->is_left = true;
      g_ptr_array_add (client->left, thread);
    }
  if (!sender->lost)
    client->flush_done = asked;
  client->sender_gone = sender->lost;
  pthread_cond_broadcast (&client->flushed);
  pthread_mutex_unlock (&client->lock);
}

static void
run_round (Sender *sender)
{
  uint64_t asked, now_ns;

  _weft_client_clock_step (&sender->clock);
  asked = look (sender);
  now_ns = (uint64_t) weft_clock_mono_ns ();
  send_said (sender);
  for (guint i = 0; i < sender->threads->len; i++)
    {
      WeftClientThread *thread = sender->threads->pdata[i];

      take_entries (sender, thread);
      if (!thread->seen_left && !sender->lost)
        tell_running (sender, thread, now_ns);
    }
  if (!sender->lost)
    sender->lost = !_weft_client_out_send (sender->out, sender->client);
  settle (sender, asked);
}

static bool
is_closing (const WeftClient *client)
{
  return atomic_load_explicit (&client->closing, memory_order_acquire) != 0;
}

/* Up to the next round. */
static void
wait_for_round (WeftClient *client)
{
  if (!is_closing (client))
    _weft_futex_wait (&client->wake, 0, ROUND_NS);
  atomic_store_explicit (&client->wake, 0, memory_order_seq_cst);
}

static void
clear (Sender *sender)
{
  _weft_client_clock_clear (&sender->clock);
  g_ptr_array_unref (sender->threads);
  g_ptr_array_unref (sender->groups);
  g_array_unref (sender->numbers);
  _weft_client_said_clear (&sender->said);
}

static void
finish (Sender *sender)
{
  WeftClient *client = sender->client;
  int closing = atomic_load_explicit (&client->closing, memory_order_acquire);

  _weft_client_quiet (client);
  run_round (sender); /* what came while the last was made */
  if (!sender->lost)
    _weft_client_out_finish (sender->out, client, (WeftClientPhase) (closing - 1));
}

static void *
sender_main (void *data)
{
  WeftClient *client = data;
  Sender sender = { .client = client,
                    .out = client->out,
                    .threads = g_ptr_array_new (),
                    .groups = g_ptr_array_new (),
                    .numbers = g_array_new (FALSE, FALSE, sizeof (uint32_t)) };

  _weft_client_said_init (&sender.said);
  _weft_client_clock_init (&sender.clock);
  tell_process (&sender);
  do
    {
      wait_for_round (client);
      run_round (&sender);
    }
  while (!sender.lost && !is_closing (client));
  if (!sender.lost)
    finish (&sender);
  _weft_client_quiet (client);
  _weft_client_out_hang_up (client->out);
  clear (&sender);
  return NULL;
}

/* The program's signals are for its own threads. */
bool
_weft_client_start_sender (WeftClient *client)
{
  sigset_t all, before;
  int status;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  status = pthread_create (&client->sender, NULL, sender_main, client);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return status == 0;
}
