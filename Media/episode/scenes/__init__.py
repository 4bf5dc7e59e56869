"""The scenes of Kuai Xiang, a file each."""

from .river import River
from .yard import Yard
from .kiln import Kiln
from .bench import Bench
from .cricket import Cricket
from .court import Court
from .sill import Sill
from .vajra import Vajra
from .hall import Hall
from .storm import Storm
from .rebuild import Rebuild
from .home import Home
from .tower import Tower

FILMS = {kind.__name__.lower(): kind for kind in (
    River, Yard, Kiln, Bench, Cricket, Court, Sill, Vajra, Hall, Storm, Rebuild, Home, Tower)}
