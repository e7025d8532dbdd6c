/* test-nearest.c: the nearest name, against edit distance written down plainly
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "base/weft-nearest-private.h"
#include "test-support.h"

#include <string.h>

static uint32_t
plain_distance (const char *a, size_t n, const char *b, size_t m)
{
  g_autofree uint32_t *table = g_new (uint32_t, (n + 1) * (m + 1));

#define AT(i, j) table[(i) * (m + 1) + (j)]
  for (size_t i = 0; i <= n; i++)
    for (size_t j = 0; j <= m; j++)
      {
        if (i == 0 || j == 0)
          AT (i, j) = (uint32_t) (i + j);
        else
          AT (i, j) = MIN (MIN (AT (i - 1, j), AT (i, j - 1)) + 1,
                           AT (i - 1, j - 1) + (a[i - 1] != b[j - 1]));
      }
  return AT (n, m);
#undef AT
}

static char *
random_name (size_t n)
{
  char *name = g_malloc (n + 1);

  for (size_t i = 0; i < n; i++)
    name[i] = "abc"[g_test_rand_int_range (0, 3)];
  name[n] = 0;
  return name;
}

/* A few bytes changed, so that near names are among the random ones. */
static char *
random_neighbour (const char *name)
{
  GString *other = g_string_new (name);

  for (int i = g_test_rand_int_range (0, 5); i > 0; i--)
    {
      gsize at = (gsize) g_test_rand_int_range (0, (gint32) other->len + 1);

      if (g_test_rand_bit () && at < other->len)
        g_string_erase (other, (gssize) at, 1);
      else
        g_string_insert_c (other, (gssize) at, 'd');
    }
  return g_string_free (other, FALSE);
}

static void
check_length (int min, int max)
{
  g_autofree char *wanted = random_name ((size_t) g_test_rand_int_range (min, max));
  size_t n = strlen (wanted);
  uint32_t best = WEFT_NONE;
  uint32_t least;
  WeftNearest nearest;

  _weft_nearest_init (&nearest, wanted, n);
  least = nearest.distance;
  for (uint32_t i = 0; i < 20; i++)
    {
      g_autofree char *name = g_test_rand_bit ()
                                  ? random_neighbour (wanted)
                                  : random_name ((size_t) g_test_rand_int_range (0, max));
      uint32_t distance = plain_distance (wanted, n, name, strlen (name));

      _weft_nearest_offer (&nearest, name, strlen (name), i);
      if (distance < least)
        {
          least = distance;
          best = i;
        }
      g_assert_cmpuint (nearest.best, ==, best);
      g_assert_cmpuint (nearest.distance, ==, least);
    }
}

static void
test_short_names (void)
{
  for (int i = 0; i < 2000; i++)
    check_length (1, 30);
}

static void
test_names_of_a_word (void)
{
  for (int i = 0; i < 500; i++)
    check_length (62, 65);
}

static void
test_long_names (void)
{
  for (int i = 0; i < 100; i++)
    check_length (65, 200);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("base", "nearest", "short-names", test_short_names);
  test_add ("base", "nearest", "names-of-a-word", test_names_of_a_word);
  test_add ("base", "nearest", "long-names", test_long_names);
  return g_test_run ();
}
