/* weftline-address.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-address.h"

#include <glib/gi18n.h>
#include <stdbool.h>
#include <string.h>

#define MOST_PORT 65535
#define MOST_PORT_CHARS 5

/* What Dask's schedulers speak; and their page, by which they can be watched too. */
static const struct
{
  const char *scheme;
  bool is_page;
} known[] = { { "tcp", false },
              { "tls", false },
              { "ucx", false },
              { "http", true },
              { "https", true } };

/* (transfer full) (nullable) */
static char *
find_scheme_problem (const char *scheme, bool *is_page)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].scheme, scheme))
      {
        *is_page = known[i].is_page;
        return NULL;
      }
  return g_strdup_printf (_ ("“%s://” is nothing that a scheduler speaks; “tcp://” was expected"),
                          scheme);
}

/* (transfer full) (nullable) */
static char *
find_port_problem (const char *port)
{
  gsize n_digits = strspn (port, G_CSET_DIGITS);
  guint64 number = g_ascii_strtoull (port, NULL, 10);

  if (n_digits == 0 && port[0] == '\0')
    return g_strdup (_ ("The port is missing, such as 8786"));
  if (port[n_digits] != '\0' || n_digits > MOST_PORT_CHARS || number < 1 || number > MOST_PORT)
    return g_strdup_printf (_ ("“%s” is no port: a number from 1 to 65535"), port);
  return NULL;
}

/* @place: host:port. (transfer full) (nullable) */
static char *
find_place_problem (const char *place, bool needs_port)
{
  const char *end = place[0] == '[' ? strchr (place, ']') : place + strcspn (place, ":");

  if (place[0] != '[' && strchr (place, ':') != strrchr (place, ':'))
    return g_strdup (_ ("The numbers of an IPv6 host stand in brackets: “[::1]:8786”"));
  if (end == place || end == NULL || (place[0] == '[' && end == place + 1))
    return g_strdup (_ ("The host is missing: “host:8786”"));
  if (place[0] == '[')
    end++;
  if (*end == '\0' && needs_port)
    return g_strdup (_ ("The port is missing, such as 8786"));
  if (*end == '\0')
    return NULL;
  if (*end != ':')
    return g_strdup (_ ("The host is missing: “host:8786”"));
  return find_port_problem (end + 1);
}

/* (transfer full) (nullable) */
static char *
find_problem (const char *address)
{
  const char *rest = strstr (address, "://") + strlen ("://");
  g_autofree char *scheme = g_strndup (address, (gsize) (strstr (address, "://") - address));
  g_autofree char *place = g_strndup (rest, strcspn (rest, "/?#"));
  bool is_page = false;
  char *problem = find_scheme_problem (scheme, &is_page);

  if (problem != NULL)
    return problem;
  if (strpbrk (address, " \t\r\n") != NULL)
    return g_strdup (_ ("There are no spaces in an address"));
  problem = find_place_problem (place, !is_page);
  if (problem == NULL && !is_page && rest[strlen (place)] != '\0')
    return g_strdup_printf (_ ("Nothing follows the port: “%s”"), rest + strlen (place));
  return problem;
}

char *
weftline_address_read (const char *text, char **problem)
{
  g_autofree char *plain = g_strstrip (g_strdup (text));
  g_autofree char *address =
      strstr (plain, "://") != NULL ? g_strdup (plain) : g_strconcat ("tcp://", plain, NULL);
  g_autofree char *wrong = plain[0] != '\0' ? find_problem (address) : NULL;
  bool good = plain[0] != '\0' && wrong == NULL;

  if (problem != NULL)
    *problem = g_steal_pointer (&wrong);
  return good ? g_steal_pointer (&address) : NULL;
}
