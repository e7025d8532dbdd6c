/* test-attachment.c: tests of clusters that are watched by a process of the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The process is `weftline attach`; in the place of its Python stands a script, which does what a
 * Python with Dask cannot be made to do at will. The whole, with a cluster, is in
 * ../ui-app/test-connect.py.
 */
#include "test-objects.h"

#include "session/weftline-attachment.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>

typedef struct
{
  TestDir *dir;
  char *python;
  WeftlineAttachment *attachment;
  unsigned n_changed;
} Fixture;

static void
changed_cb (Fixture *f)
{
  f->n_changed++;
}

/* @script: in the place of Python; $4 is the address */
static void
attach (Fixture *f, const char *script)
{
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, "\n", NULL);
  g_autoptr (GError) error = NULL;

  f->dir = test_dir_new ();
  f->python = test_dir_write (f->dir, "python", text);
  g_assert_cmpint (g_chmod (f->python, 0700), ==, 0);
  f->attachment = weftline_attachment_new ("tcp://host.example:8786", f->python, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (f->attachment, "changed", G_CALLBACK (changed_cb), f);
  g_assert_cmpint (weftline_attachment_state (f->attachment), ==, WEFTLINE_ATTACHMENT_CONNECTING);
  g_assert_cmpstr (weftline_attachment_address (f->attachment), ==, "tcp://host.example:8786");
  g_assert_cmpint (weftline_attachment_begun_at (f->attachment), <=, g_get_monotonic_time ());
}

static void
wait_for (Fixture *f, WeftlineAttachmentState state)
{
  test_loop_until (weftline_attachment_state (f->attachment) == state);
}

static void
finish (Fixture *f)
{
  g_assert_cmpint (weftline_attachment_state (f->attachment), ==, WEFTLINE_ATTACHMENT_ENDED);
  g_signal_handlers_disconnect_by_data (f->attachment, f);
  test_loop_drain ();
  test_assert_finalised (f->attachment);
  test_dir_free (f->dir);
  g_free (f->python);
}

/* Told to end it can say its last words, and is not a failure. */
static void
test_connected (void)
{
  Fixture f = { 0 };
  g_autofree char *said = NULL;
  g_autofree char *words = NULL;

  attach (&f, "trap 'echo \"$4\" > \"$0.said\"; exit 0' TERM\necho what else\necho watching $4\n"
              "while :; do sleep 0.01; done");
  wait_for (&f, WEFTLINE_ATTACHMENT_CONNECTED);
  g_assert_cmpuint (f.n_changed, ==, 1);
  g_assert_false (weftline_attachment_is_stopping (f.attachment));
  weftline_attachment_stop (f.attachment);
  g_assert_true (weftline_attachment_is_stopping (f.attachment));
  weftline_attachment_stop (f.attachment);
  wait_for (&f, WEFTLINE_ATTACHMENT_ENDED);
  g_assert_cmpuint (f.n_changed, ==, 3);
  g_assert_null (weftline_attachment_message (f.attachment));
  words = g_strconcat (f.python, ".said", NULL);
  g_assert_true (g_file_get_contents (words, &said, NULL, NULL));
  g_assert_cmpstr (said, ==, "tcp://host.example:8786\n");
  finish (&f);
}

/* Its last line is what is told, without the names of programs. */
static void
test_fails (void)
{
  Fixture f = { 0 };

  attach (&f, "echo 'Traceback: deep' >&2\necho 'weftline: nobody is there' >&2\nexit 3");
  wait_for (&f, WEFTLINE_ATTACHMENT_ENDED);
  g_assert_cmpstr (weftline_attachment_message (f.attachment), ==, "nobody is there");
  g_assert_false (weftline_attachment_wants_python (f.attachment));
  finish (&f);
}

static void
test_wants_python (void)
{
  Fixture f = { 0 };

  attach (&f, "echo 'weftline: Dask is not there: set WEFTLINE_PYTHON' >&2\nexit 3");
  wait_for (&f, WEFTLINE_ATTACHMENT_ENDED);
  g_assert_true (weftline_attachment_wants_python (f.attachment));
  finish (&f);
}

/* (nullable): of one that ends like that */
static char *
message_after (const char *script)
{
  Fixture f = { 0 };
  char *message;

  attach (&f, script);
  wait_for (&f, WEFTLINE_ATTACHMENT_ENDED);
  message = g_strdup (weftline_attachment_message (f.attachment));
  finish (&f);
  return message;
}

static void
test_ends_by_itself (void)
{
  g_autofree char *well = message_after ("echo watching $4");
  g_autofree char *silent = message_after ("exit 7");
  g_autofree char *killed = message_after ("kill -KILL $$");

  g_assert_cmpstr (
      well, ==, "tcp://host.example:8786: the cluster has ended, or nobody listens here any more");
  g_assert_nonnull (strstr (silent, "status 7"));
  g_assert_nonnull (strstr (killed, "signal 9"));
}

/* What does not hear is killed in the end, and what the window let go of ends as well. */
static void
test_deaf (void)
{
  Fixture f = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  attach (&f, "trap '' TERM\necho $$ > \"$0.pid\"\necho watching $4\nwhile :; do sleep 0.01; done");
  wait_for (&f, WEFTLINE_ATTACHMENT_CONNECTED);
  path = g_strconcat (f.python, ".pid", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  weftline_attachment_stop (f.attachment);
  wait_for (&f, WEFTLINE_ATTACHMENT_ENDED);
  g_assert_cmpint (kill ((pid_t) g_ascii_strtoll (text, NULL, 10), 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
  finish (&f);
}

static void
test_no_python (void)
{
  g_autoptr (GError) error = NULL;
  WeftlineAttachment *attachment =
      weftline_attachment_new ("tcp://host.example:8786", "/nowhere/python", &error);

  g_assert_no_error (error);
  test_loop_until (weftline_attachment_state (attachment) == WEFTLINE_ATTACHMENT_ENDED);
  g_assert_nonnull (strstr (weftline_attachment_message (attachment), "/nowhere/python"));
  test_loop_drain ();
  test_assert_finalised (attachment);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-session", "attachment", "connected", test_connected);
  test_add ("ui-session", "attachment", "fails", test_fails);
  test_add ("ui-session", "attachment", "wants-python", test_wants_python);
  test_add ("ui-session", "attachment", "ends-by-itself", test_ends_by_itself);
  test_add ("ui-session", "attachment", "deaf", test_deaf);
  test_add ("ui-session", "attachment", "no-python", test_no_python);
  return g_test_run ();
}
