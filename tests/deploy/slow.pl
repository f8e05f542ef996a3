# A server that is slow: perl slow.pl PORT DIRECTORY
#
# It makes DIRECTORY/listening, writes a line into DIRECTORY/asked for each request, and answers all
# of them well as soon as there is DIRECTORY/go. What nobody lets go ends after a minute.
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $directory) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 64, ReuseAddr => 1)
    or die "cannot listen at $port: $!";
open my $listening, '>', "$directory/listening" or die $!;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    alarm 60;
    my $request = <$client> // exit;
    open my $asked, '>>', "$directory/asked" or die $!;
    print $asked $request;
    close $asked;
    select undef, undef, undef, 0.05 until -e "$directory/go";
    print $client "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    exit;
}
