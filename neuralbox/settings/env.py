"""The only reader of the environment. Strict: a value that cannot be understood stops the process."""

from environs import FileAwareEnv


class Environment(FileAwareEnv):
    """Reads `NAME`, or the file that `NAME_FILE` names, without the newline at the file's end."""

    def secret(self, name: str, default: str = "") -> str:
        return str(self.str(name, default)).strip()


env = Environment()
