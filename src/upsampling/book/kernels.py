"""Kernels that start at once: copies of a process that has imported what notebooks need."""

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from threading import Thread

from ipykernel.kernelapp import IPKernelApp
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

_NAME = "forked"
_FORKED = EntryPoint(_NAME, f"{__name__}:ForkedProvisioner", KernelProvisionerFactory.GROUP_NAME)
_CONTEXT = multiprocessing.get_context("forkserver")


@contextmanager
def forked(modules: Iterable[str]) -> Iterator[None]:
    """Within the block, kernels of this process are copies of one that has imported `modules`."""
    _CONTEXT.set_forkserver_preload([__name__, *modules])
    factory = KernelProvisionerFactory.instance()
    usual = factory.default_provisioner_name
    factory.provisioners[_NAME] = _FORKED
    factory.default_provisioner_name = _NAME
    try:
        yield
    finally:
        factory.default_provisioner_name = usual


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel as a copy of the fork server instead of as a new interpreter."""

    async def launch_kernel(self, cmd, *, env, cwd=None, **_):
        """Start the kernel of a command that ends in the arguments of ipykernel."""
        self.cwd = cwd or os.getcwd()
        self.process = _Process(target=_serve, args=(cmd[cmd.index("-f") :], env, self.cwd))
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class _Process:
    """A process of `multiprocessing` with what a provisioner asks of one of `subprocess`."""

    stdin = stdout = stderr = None

    def __init__(self, **settings):
        self._process = _CONTEXT.Process(**settings)
        self._process.start()
        self.pid = self._process.pid
        self.kill = self._process.kill
        self.terminate = self._process.terminate

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def _serve(arguments: list[str], env: dict[str, str], cwd: str) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    IPKernelApp.launch_instance([*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
