/* server-fixture.h: a server in a folder of its own, and clients of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A client speaks lines, or messages, and waits for what it hears, half a minute at most.
 */
#pragma once

#include "test-support.h"

#include "server/weft-server.h"
#include "server/weft-wire-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 30000
#define HELLO "{\"hello\": \"weftline\", \"versions\": [1], \"name\": \"test\"}"

typedef struct
{
  char *dir;
  WeftServerOptions options; /* for the next start */
  char *address;
  char *folder;
  WeftServer *server;
} ServerFixture;

typedef struct
{
  int fd;
  bool in_messages;
  GByteArray *in;
} Client;

/* ---- the server ------------------------------------------------------------------------------ */

static void
server_start (ServerFixture *f)
{
  g_autoptr (GError) error = NULL;

  f->options.address = f->address;
  f->options.folder = f->folder;
  f->server = weft_server_new (&f->options, &error);
  g_assert_no_error (error);
}

static void
server_set_up_only (ServerFixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->address = g_build_filename (f->dir, "s", "socket", NULL);
  f->folder = g_build_filename (f->dir, "runs", NULL);
}

G_GNUC_UNUSED static void
server_set_up (ServerFixture *f, const void *unused)
{
  server_set_up_only (f, unused);
  server_start (f);
}

static void
server_tear_down (ServerFixture *f, const void *unused)
{
  weft_server_free (f->server);
  test_dir_free (f->dir);
  g_free (f->address);
  g_free (f->folder);
}

/* ---- clients --------------------------------------------------------------------------------- */

static int
connect_to (const char *address)
{
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpuint (strlen (address), <, sizeof un.sun_path);
  strcpy (un.sun_path, address);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &un, sizeof un), ==, 0);
  return fd;
}

static void
client_init (Client *client, int fd)
{
  *client = (Client){ .fd = fd, .in = g_byte_array_new () };
}

static void
client_clear (Client *client)
{
  if (client->fd >= 0)
    close (client->fd);
  client->fd = -1;
  g_clear_pointer (&client->in, g_byte_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Client, client_clear)

static void
client_send (Client *client, const void *bytes, size_t n_bytes)
{
  for (const char *at = bytes; n_bytes > 0;)
    {
      ssize_t n = send (client->fd, at, n_bytes, MSG_NOSIGNAL);

      g_assert_cmpint (n, >, 0);
      at += n;
      n_bytes -= (size_t) n;
    }
}

static void
client_message (Client *client, uint16_t kind, uint32_t channel, const void *bytes, size_t n_bytes)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  _weft_wire_append (out, (WeftWireHead){ .kind = kind, .channel = channel },
                     &(struct iovec){ (void *) bytes, n_bytes }, 1);
  client_send (client, out->data, out->len);
}

static void G_GNUC_PRINTF (2, 3) client_say (Client *client, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (client->in_messages)
    {
      client_message (client, WEFT_WIRE_JSON, 0, text, strlen (text));
      return;
    }
  client_send (client, text, strlen (text));
  client_send (client, "\n", 1);
}

/* FALSE: the connection has ended. */
static bool
client_receive (Client *client)
{
  char bytes[65536];
  ssize_t n;

  g_assert_cmpint (poll (&(struct pollfd){ client->fd, POLLIN, 0 }, 1, PATIENCE_MS), ==, 1);
  n = recv (client->fd, bytes, sizeof bytes, 0);
  g_assert_true (n >= 0 || errno == ECONNRESET);
  if (n > 0)
    g_byte_array_append (client->in, (const guint8 *) bytes, (guint) n);
  return n > 0;
}

/* (transfer full) (nullable): NULL at the end of the connection */
static char *
hear_line (Client *client)
{
  guint8 *end;
  char *line;

  while (client->in->len == 0 || (end = memchr (client->in->data, '\n', client->in->len)) == NULL)
    if (!client_receive (client))
      {
        g_assert_cmpuint (client->in->len, ==, 0);
        return NULL;
      }
  line = g_strndup ((const char *) client->in->data, (gsize) (end - client->in->data));
  g_byte_array_remove_range (client->in, 0, (guint) strlen (line) + 1);
  return line;
}

/* The next message's payload, with a 0 behind it. FALSE: the connection has ended. */
static bool
hear_message (Client *client, WeftWireHead *head, GByteArray *payload)
{
  guint n = 0;

  while (client->in->len < sizeof *head || n == 0 || client->in->len < n)
    {
      if (client->in->len >= sizeof *head)
        {
          memcpy (head, client->in->data, sizeof *head);
          n = (guint) sizeof *head + head->n_bytes + -head->n_bytes % WEFT_WIRE_ALIGN;
        }
      if ((n == 0 || client->in->len < n) && !client_receive (client))
        {
          g_assert_cmpuint (client->in->len, ==, 0);
          return false;
        }
    }
  g_byte_array_set_size (payload, 0);
  g_byte_array_append (payload, client->in->data + sizeof *head, head->n_bytes);
  g_byte_array_append (payload, (const guint8 *) "", 1);
  g_byte_array_remove_range (client->in, 0, n);
  return true;
}

/* (transfer full) (nullable) */
static char *
client_hear (Client *client)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  WeftWireHead head;

  if (!client->in_messages)
    return hear_line (client);
  if (!hear_message (client, &head, payload))
    return NULL;
  g_assert_cmpuint (head.kind, ==, WEFT_WIRE_JSON);
  return g_strdup ((const char *) payload->data);
}

/* What is heard next has these texts in it (up to NULL). (transfer full) */
static char *G_GNUC_NULL_TERMINATED
client_expect (Client *client, ...)
{
  char *heard = client_hear (client);
  va_list args;

  g_assert_nonnull (heard);
  va_start (args, client);
  for (const char *text; (text = va_arg (args, const char *)) != NULL;)
    if (strstr (heard, text) == NULL)
      g_error ("“%s” is not in: %s", text, heard);
  va_end (args);
  return heard;
}

#define expect(...) g_free (client_expect (__VA_ARGS__, NULL))

G_GNUC_UNUSED static void
expect_end (Client *client)
{
  g_autofree char *heard = client_hear (client);

  g_assert_cmpstr (heard, ==, NULL);
}

/* Connected, not greeted. */
G_GNUC_UNUSED static void
client_connect (Client *client, const ServerFixture *f)
{
  client_init (client, connect_to (f->address));
}

G_GNUC_UNUSED static void
client_open (Client *client, const ServerFixture *f)
{
  client_connect (client, f);
  client_say (client, HELLO);
  expect (client, "\"hello\": \"weftline\"");
}

G_GNUC_UNUSED static void
client_open_messages (Client *client, const ServerFixture *f)
{
  client_connect (client, f);
  client->in_messages = true;
  client_send (client, WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  client_say (client, HELLO);
  while (client->in->len < WEFT_WIRE_PREAMBLE_BYTES)
    g_assert_true (client_receive (client));
  g_assert_cmpmem (client->in->data, WEFT_WIRE_PREAMBLE_BYTES, WEFT_WIRE_PREAMBLE,
                   WEFT_WIRE_PREAMBLE_BYTES);
  g_byte_array_remove_range (client->in, 0, WEFT_WIRE_PREAMBLE_BYTES);
  expect (client, "\"hello\": \"weftline\"");
}

/* A text member of an object that was heard. (transfer full) */
G_GNUC_UNUSED static char *
member_of (const char *heard, const char *name)
{
  g_autofree char *before = g_strdup_printf ("\"%s\": \"", name);
  const char *at = strstr (heard, before);

  g_assert_nonnull (at);
  at += strlen (before);
  return g_strndup (at, strcspn (at, "\""));
}

/* Opens a report. (transfer full): its file */
G_GNUC_UNUSED static char *
client_report (Client *client, const char *members)
{
  g_autofree char *heard = NULL;

  client_say (client, "{\"id\": \"report\", \"do\": \"report\", \"name\": \"reported\"%s}",
              members);
  heard = client_expect (client, "\"ok\"", "\"channel\": 1", NULL);
  return member_of (heard, "path");
}
