/* test-child-control.c: tests of the channel to a process, with the test at its other end
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"

#include "session/weftline-child-control.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  WeftlineChildControl *control;
  int fd;
  GString *said;   /* what came of commands, in that order */
  unsigned closed; /* how often it was told */
} Fixture;

static void
closed_cb (Fixture *fixture)
{
  fixture->closed++;
}

static void
set_up (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  fixture->said = g_string_new (NULL);
  fixture->control = weftline_child_control_new (&fixture->fd, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (fixture->control, "closed", G_CALLBACK (closed_cb), fixture);
}

static void
tear_down (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_assert_finalize_object (fixture->control);
  close (fixture->fd);
  g_string_free (fixture->said, TRUE);
}

static void
answer_cb (const char *problem, void *data)
{
  Fixture *fixture = data;

  g_string_append_printf (fixture->said, "[%s]", problem != NULL ? problem : "done");
}

static void
send_one (Fixture *fixture, const char *command, const char *argument)
{
  weftline_child_control_send (fixture->control, command, argument, answer_cb, fixture);
}

static void
reply (Fixture *fixture, const char *text)
{
  g_assert_cmpint (write (fixture->fd, text, strlen (text)), ==, (ssize_t) strlen (text));
}

static void
assert_sent (Fixture *fixture, const char *expected)
{
  char text[200] = "";

  g_assert_cmpint (recv (fixture->fd, text, sizeof text - 1, MSG_DONTWAIT), ==,
                   (ssize_t) strlen (expected));
  g_assert_cmpstr (text, ==, expected);
}

/* Before anybody listens, in lines of their own, whatever is in them. */
static void
test_sends (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  send_one (fixture, "pause", NULL);
  send_one (fixture, "run-to", " a\nb\\n é");
  assert_sent (fixture, "pause\nrun-to  a\\nb\\\\n é\n");
  g_assert_cmpstr (fixture->said->str, ==, "");
}

/* In any order and cut anywhere. */
static void
test_answers (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  static const char text[] = "weftline-control 1\n1 done\n3 error no “x”\n2 done\n";

  send_one (fixture, "step", NULL);
  send_one (fixture, "pause", NULL);
  send_one (fixture, "break-at", "x");
  weftline_child_control_send (fixture->control, "resume", NULL, NULL, NULL);
  for (const char *at = text; *at != '\0'; at++)
    {
      const char one[] = { *at, '\0' };

      reply (fixture, one);
      test_loop_drain ();
    }
  g_assert_cmpstr (fixture->said->str, ==, "[done][no “x”][done]");
  reply (fixture, "4 done\n");
  test_loop_drain ();
  g_assert_cmpuint (fixture->closed, ==, 0);
}

/* What was waited for is called off once; what comes later is, at once. */
static void
test_end (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  send_one (fixture, "step", NULL);
  send_one (fixture, "step", NULL);
  reply (fixture, "weftline-control 1\n1 done\n");
  g_assert_cmpint (shutdown (fixture->fd, SHUT_RDWR), ==, 0);
  test_loop_until (fixture->closed == 1);
  g_assert_cmpstr (fixture->said->str, ==, "[done][the process has ended]");
  g_assert_false (weftline_child_control_is_deaf (fixture->control));
  send_one (fixture, "pause", NULL);
  g_assert_true (g_str_has_suffix (fixture->said->str, "][the process has ended]"));
  weftline_child_control_close (fixture->control);
  g_assert_cmpuint (fixture->closed, ==, 1);
}

/* Whoever closes it hears first what was said already. */
static void
test_close (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  send_one (fixture, "step", NULL);
  send_one (fixture, "step", NULL);
  reply (fixture, "weftline-control 1\n1 done\n");
  weftline_child_control_close (fixture->control);
  g_assert_cmpstr (fixture->said->str, ==, "[done][the process has ended]");
  g_assert_cmpuint (fixture->closed, ==, 1);
}

/* Another version, answers to nothing, or nonsense: it is not spoken to. */
static void
test_not_understood (void)
{
  static const struct
  {
    const char *text;
    bool deaf;
  } cases[] = { { "weftline-control 2\n", true },
                { "Segmentation fault\n", true },
                { "weftline-control 1\n7 done\n", false },
                { "weftline-control 1\n1 maybe\n", false },
                { "weftline-control 1\nwhat?\n", false } };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture = { 0 };

      set_up (&fixture, NULL);
      send_one (&fixture, "pause", NULL);
      reply (&fixture, cases[i].text);
      test_loop_until (fixture.closed == 1);
      g_assert_cmpstr (fixture.said->str, ==, "[the process has ended]");
      g_assert_true (weftline_child_control_is_deaf (fixture.control) == cases[i].deaf);
      tear_down (&fixture, NULL);
    }
}

/* More than the socket holds: nobody waits, and nothing is lost. */
static void
test_slow_reader (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autofree char *key = g_strnfill (50000, 'k');
  static char bytes[65536];
  gsize n_expected = 0, n_read = 0;

  for (int i = 0; i < 100; i++)
    {
      send_one (fixture, "break-at", key);
      n_expected += strlen ("break-at \n") + strlen (key);
    }
  while (n_read < n_expected)
    {
      ssize_t n = recv (fixture->fd, bytes, sizeof bytes, MSG_DONTWAIT);

      if (n > 0)
        n_read += (gsize) n;
      else
        g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (n_read, ==, n_expected);
}

#define ADD(behaviour, function)                                                            \
  g_test_add ("/weft/ui-session/child-control/" behaviour, Fixture, NULL, set_up, function, \
              tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("sends", test_sends);
  ADD ("answers", test_answers);
  ADD ("end", test_end);
  ADD ("close", test_close);
  test_add ("ui-session", "child-control", "not-understood", test_not_understood);
  ADD ("slow-reader", test_slow_reader);
  return g_test_run ();
}
