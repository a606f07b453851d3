"""Imports of the library that is part of the interpreter's binary.

sys._stdlib_dir names a folder that need not exist: a path hook answers for it and for all below. Modules carry file names
in it, and linecache, inspect and pkgutil get their sources from the loader.
"""
import sys
import _skein
from _frozen_importlib import ModuleSpec, _call_with_frames_removed

_ROOT = sys._stdlib_dir


class LibraryLoader:
    """Loader of one library module."""

    def __init__(self, name, path):
        self.name = name
        self.path = path

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        _call_with_frames_removed(exec, _skein.code(self.name), module.__dict__)

    def get_code(self, fullname):
        return _skein.code(self.name)

    def get_source(self, fullname):
        data = self.get_data(self.path)
        return data.decode('utf-8')

    def get_filename(self, fullname=None):
        return self.path

    def is_package(self, fullname):
        return self.path.endswith('/__init__.py')

    def get_data(self, path):
        relative = path[len(_ROOT) + 1:] if path.startswith(_ROOT + '/') else None
        data = _skein.data(relative) if relative else None
        if data is None:
            raise FileNotFoundError(2, 'No such file or directory', path)
        return data

    def __repr__(self):
        return f'<LibraryLoader {self.name!r}>'


class LibraryFinder:
    """Path entry finder of the library's folder or of a package in it."""

    def __init__(self, path):
        if path != _ROOT and not path.startswith(_ROOT + '/'):
            raise ImportError('not in the library', path=path)
        self.path = path
        self._prefix = path[len(_ROOT) + 1:].replace('/', '.')

    def find_spec(self, fullname, target=None):
        tail = fullname.rpartition('.')[2]
        name = f'{self._prefix}.{tail}' if self._prefix else tail
        found = _skein.find(name)
        if found is None:
            return None
        is_package, relative = found
        path = f'{_ROOT}/{relative}'
        spec = ModuleSpec(fullname, LibraryLoader(name, path), origin=path, is_package=is_package)
        spec.has_location = True
        spec.cached = None
        if is_package:
            spec.submodule_search_locations.append(path[:-len('/__init__.py')])
        return spec

    def invalidate_caches(self):
        pass

    def iter_modules(self, prefix=''):
        """(name, is_package) of what lies directly in this folder, for pkgutil."""
        below = self._prefix.replace('.', '/') + '/' if self._prefix else ''
        for path in _skein.files():
            if not path.startswith(below) or not path.endswith('.py'):
                continue
            rest = path[len(below):]
            if rest.endswith('/__init__.py') and rest.count('/') == 1:
                yield prefix + rest[:-len('/__init__.py')], True
            elif '/' not in rest and rest != '__init__.py':
                yield prefix + rest[:-3], False

    def __repr__(self):
        return f'LibraryFinder({self.path!r})'


sys.path_hooks.insert(0, LibraryFinder)
