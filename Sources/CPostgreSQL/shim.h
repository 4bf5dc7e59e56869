// libpq.
#include <libpq-fe.h>
